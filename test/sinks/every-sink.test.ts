// A stage that no sink knows, with a figure of every kind, goes through a run into every sink that ships.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { specsOf } from '../../src/engine/run/specs.ts'
import type { ThalwegError } from '../../src/error.ts'
import { registry } from '../../src/node/registry.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import { runPipeline } from '../../src/pipeline/run-pipeline.ts'
import { everyKind } from '../../src/testing/index.ts'
import { blocks } from '../support/stored.ts'

const every = suite('every sink')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
every.after(() => rmSync(folder, { recursive: true }))

const { type } = everyKind.definition
const rule = {
  id: 'mine',
  when: `${type}.ratio > ${type}.ratioNull and ${type}.modes[0].kind == "real"`,
}

/** All that a sink left in its folder or file. */
function left(path: string): string {
  if (statSync(path).isFile()) return readFileSync(path, 'latin1')
  return readdirSync(path)
    .map((name) => `${name}\n${left(join(path, name))}`)
    .join('\n')
}

for (const { definition } of registry.sinks) {
  // Each of the others is held against its own reader in its own test.
  if (!('path' in definition.options)) continue
  every(
    `${definition.type} takes a stage that was written after it, and a rule on it`,
    async () => {
      const path = join(folder, definition.type)
      const pipeline = parsePipeline(
        {
          source: { type: 'synthetic', steps: 20 },
          stages: [{ type }],
          sinks: [{ type: definition.type, path }],
          alerts: [rule],
        },
        { ...registry, stages: [...registry.stages, everyKind()] }
      )
      const { alerts } = await runPipeline({
        ...pipeline,
        source: pipeline.source!,
        sinks: pipeline.sinks!,
      })
      assert.is(alerts, 'warn')
      const text = left(path)
      for (const word of [type, 'ratio', 'rule/mine']) assert.ok(text.includes(word), word)
    }
  )
}

every('refuses, when it opens, a path of the other kind with its own words', async () => {
  const file = join(folder, 'a-file')
  writeFileSync(file, '')
  for (const { definition } of registry.sinks) {
    if (!('path' in definition.options)) continue
    const isFile = ['ndjson', 'report'].includes(definition.type)
    const options = { path: isFile ? folder : join(file, 'inside') }
    const specs = specsOf({ stages: [everyKind] })
    const fault = await Promise.resolve()
      .then(() => definition.open(options as never, { specs }))
      .then((sink) => sink.write(blocks[0]!))
      .catch((error: unknown) => error)
    assert.is((fault as ThalwegError).code, 'E_OUTPUT', `${definition.type}: ${fault}`)
  }
})

every.run()
