// Every component that ships passes the conformance that others run on theirs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { registry } from '../src/node/registry.ts'
import { ndjson } from '../src/sinks/ndjson/index.ts'
import { table } from '../src/sinks/table/index.ts'
import { file } from '../src/sources/file/index.ts'
import { synthetic } from '../src/sources/synthetic/index.ts'
import { cmd } from '../src/stages/cmd/index.ts'
import { ftle } from '../src/stages/ftle/index.ts'
import { health } from '../src/stages/health/index.ts'
import { svd } from '../src/stages/svd/index.ts'
import {
  checkSink,
  checkSource,
  checkStage,
  checkStream,
  checkTensors,
  everyKind,
} from '../src/testing/index.ts'

const conformance = suite('conformance of components')
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
conformance.after(() => rmSync(folder, { recursive: true }))

const positions = svd({ of: 'positions', rank: 3 })

const components: Record<string, () => Promise<string[]>> = {
  'stage health': () => checkStage(health, { options: [{}, { per: 'tensor' }, { member: 1 }] }),
  'stage svd': () =>
    checkStage(svd, {
      options: [
        { rank: 4 },
        { rank: 3, of: 'positions', forget: 0.9 },
        { rank: 2, storage: 'f64', per: 'tensor' },
        { rank: 4, tier: 'sketch', member: 1 },
      ],
    }),
  'stage cmd': () =>
    checkStage(cmd, {
      options: [
        { warmup: 8, samples: 50, modes: 4 },
        { per: 'tensor', warmup: 6, choose: 10, columns: 3 },
        { look: { epochs: 1 }, warmup: 3, modes: 3 },
        { look: { steps: 3 }, warmup: 4, forget: 0.9, seed: 7 },
      ],
    }),
  'stage ftle': async () => [
    ...(await checkStage(ftle, {
      options: [{ norms: ['l2', 'l1'] }, { method: 'tangent', window: 16 }, { per: 'tensor' }],
    })),
    ...(await checkStage(ftle, {
      options: [{ method: 'local-linear', on: 'svd', window: 20 }],
      after: [positions],
    })),
  ],
  'sink ndjson': () => {
    const path = join(folder, 'out.ndjson')
    return checkSink(ndjson, { options: { path }, read: async () => readFileSync(path) })
  },
  'sink table': () => checkSink(table, { options: {} }),
  'source file': () => {
    const path = join(folder, 'stream')
    const bytes = checkStream({ tensors: checkTensors, members: 1, steps: 5 })
    writeFileSync(path, bytes)
    return checkSource(file, { options: { path }, bytes })
  },
  'source synthetic': () => checkSource(synthetic, { options: { steps: 50, tangents: 1 } }),
}

for (const [name, check] of Object.entries(components)) {
  conformance(name, async () => {
    assert.ok((await check()).length > 0)
  })
}

conformance('a stage with a figure of every kind', async () => {
  assert.ok((await checkStage(everyKind)).includes('says what it declares'))
})

for (const value of registry.stages) {
  const { type } = value.definition
  if (`stage ${type}` in components) continue
  conformance(`stage ${type}, with its defaults`, async () => {
    assert.ok(
      (await checkStage((options: object = {}) => ({ ...value, options: { ...options } }))).length >
        0
    )
  })
}

conformance.run()
