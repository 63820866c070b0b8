import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stages as components } from '../../src/stages/registry.gen.ts'
import { same } from '../cases/case.ts'
import type { Outcome } from '../cases/index.ts'
import { expectSchemas } from '../support/summaries.ts'
import { disagreements } from './agreement.ts'
import type { Task } from './programs/task.ts'
import { makePrograms, type Programs } from './programs.ts'
import { here, type Runtime, runtimes } from './runtimes.ts'

const conformance = suite('conformance')

let programs: Programs
const expected = {} as Record<Task, Outcome>

const ask = async (runtime: Runtime, task: Task): Promise<Outcome> =>
  JSON.parse(await runtime.perform(programs, task))

/** The same lines for the same cases. */
function equal(got: Outcome, wanted: Outcome): void {
  assert.equal(Object.keys(got), Object.keys(wanted))
  for (const [name, lines] of Object.entries(wanted)) same(name, got[name]!, lines)
}

conformance.before(async () => {
  programs = await makePrograms()
})

conformance(`${here.name}: every case holds, and every stage is in them`, async () => {
  expected.cases = await ask(here, 'cases')
  const lines = Object.values(expected.cases).flat()
  assert.equal(
    lines.filter((line) => line.startsWith('failed')),
    []
  )
  expectSchemas(lines)
  for (const { definition } of components) {
    assert.ok(
      lines.some((line) => line.includes(`"type":"${definition.type}","scope"`)),
      definition.type
    )
  }
})

conformance(
  `${here.name}: without WebAssembly, the references' figures are the kernels'`,
  async () => {
    expected.references = await ask(here, 'references')
    assert.equal(disagreements(expected.cases, expected.references), [])
  }
)

for (const runtime of runtimes) {
  const { name, missing, compiled } = runtime
  const test = missing ? conformance.skip : conformance
  const where = missing ? `${name} (skipped: ${missing})` : name
  test(`${where}: the same bytes as ${here.name}`, async () => {
    equal(await ask(runtime, 'cases'), expected.cases)
  })
  if (compiled) continue
  test(`${where}: without WebAssembly, the same bytes again`, async () => {
    equal(await ask(runtime, 'references'), expected.references)
  })
}

conformance.run()
