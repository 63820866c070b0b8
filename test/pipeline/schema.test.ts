import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { registry } from '../../src/node/registry.ts'
import { shippedPipelines } from '../../src/node/shipped.ts'
import { lintPipeline, parsePipeline } from '../../src/pipeline/pipeline.ts'
import { pipelineSchema } from '../../src/pipeline/schema.ts'

const schema = suite('the JSON Schema of pipelines')

const validate = new Ajv2020({ strict: true, allErrors: true }).compile(pipelineSchema(registry))

/** Whether the schema and the parser say the same. */
function accepted(pipeline: unknown): boolean {
  const bySchema = validate(pipeline)
  const byParser = !lintPipeline(pipeline, registry).problems.some(({ level }) => level === 'error')
  assert.is(
    bySchema,
    byParser,
    `${JSON.stringify(pipeline)}: schema ${bySchema}, parser ${byParser}`
  )
  return bySchema
}

schema('accepts what ships', () => {
  for (const name of shippedPipelines()) {
    const pipeline = JSON.parse(readFileSync(`pipelines/${name}.json`, 'utf8'))
    assert.ok(accepted(pipeline), `${name}: ${JSON.stringify(validate.errors)}`)
    assert.is(pipeline.name, name)
    assert.type(pipeline.description, 'string')
  }
})

schema('agrees with the parser on what is right and what is wrong', () => {
  assert.ok(accepted({}))
  assert.ok(accepted({ groups: { head: ['dense.*'] }, alerts: { 'health/drift': 'off' } }))
  const rule = { id: 'grows', when: 'health.updateRatio > 0.1', for: 3, level: 'error' }
  assert.ok(accepted({ alerts: [{ id: 'health/drift', level: 'off' }, rule] }))
  assert.ok(accepted({ source: { type: 'file', path: 'x' } }))
  for (const wrong of [
    { stage: [] },
    { block: 0 },
    { block: 1.5 },
    { block: '16' },
    { mode: 'fsat' },
    { select: { inclde: ['x'] } },
    { select: { include: 'x' } },
    { memory: 3 },
    { groups: { head: 'dense' } },
    { alerts: { 'health/drift': 'of' } },
    { alerts: [{ when: 'health.updateRatio > 0.1' }] },
    { alerts: [{ id: 'x', when: 'health.updateRatio > 0.1', for: 0 }] },
    { alerts: ['health/drift'] },
    { alerts: 'off' },
    { source: { type: 'file' } },
    { source: { type: 'fiel', path: 'x' } },
    { source: 'stdin' },
    { stages: { type: 'health' } },
    { stages: [{ id: 'x' }] },
    { stages: [{ type: 'health', id: 'Not An Id' }] },
    { stages: [{ type: 'health', rank: 3 }] },
    { sinks: [{ type: 'ndjson', path: 3 }] },
    [],
    null,
  ]) {
    assert.not(accepted(wrong))
  }
})

schema('describes every key', () => {
  const undescribed: string[] = []
  const visit = (node: unknown, path: string): void => {
    if (typeof node !== 'object' || node === null) return
    const { properties } = node as { properties?: Record<string, { description?: string }> }
    for (const [name, value] of Object.entries(properties ?? {})) {
      if (name !== 'type' && !value.description) undescribed.push(`${path}.${name}`)
    }
    for (const [key, value] of Object.entries(node)) visit(value, `${path}.${key}`)
  }
  visit(pipelineSchema(registry), '')
  assert.equal(undescribed, [])
})

schema.run()

const parse = suite('a pipeline out of JSON')

parse('has its settings complete and its components found', () => {
  const { settings, source, sinks } = parsePipeline(
    {
      source: { type: 'file', path: 'x' },
      stages: [{ type: 'health' }],
      sinks: [{ type: 'ndjson' }],
    },
    registry
  )
  assert.is(settings.block, 16)
  assert.equal(settings.select, { exclude: [], every: 1, from: 0 })
  assert.equal(settings.limits.members, 64)
  assert.is(settings.stages[0]!.definition.type, 'health')
  assert.equal(source!.options, { path: 'x' })
  assert.equal(sinks![0]!.options, { path: '-' })
})

parse('leaves source and sinks open where they are not named', () => {
  const { source, sinks } = parsePipeline({}, registry)
  assert.is(source, undefined)
  assert.is(sinks, undefined)
})

parse('throws all problems at once', () => {
  assert.throws(
    () => parsePipeline({ blok: 1, mode: 'x' }, registry),
    (error: Error) => /blok/.test(error.message) && /mode/.test(error.message)
  )
})

parse.run()
