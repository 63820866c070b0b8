// Every component that ships passes the conformance that others run on theirs.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parquetReadObjects } from 'hyparquet'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { registry } from '../src/node/registry.ts'
import { csv } from '../src/sinks/csv/index.ts'
import { ndjson } from '../src/sinks/ndjson/index.ts'
import { parquet } from '../src/sinks/parquet/index.ts'
import { summary } from '../src/sinks/summary/index.ts'
import { table } from '../src/sinks/table/index.ts'
import { tensorboard } from '../src/sinks/tensorboard/index.ts'
import { checkpoints } from '../src/sources/checkpoints/index.ts'
import { file } from '../src/sources/file/index.ts'
import { synthetic } from '../src/sources/synthetic/index.ts'
import { cmd } from '../src/stages/cmd/index.ts'
import { edge } from '../src/stages/edge/index.ts'
import { ftle } from '../src/stages/ftle/index.ts'
import { health } from '../src/stages/health/index.ts'
import { koopman } from '../src/stages/koopman/index.ts'
import { path } from '../src/stages/path/index.ts'
import { phases } from '../src/stages/phases/index.ts'
import { spectrum } from '../src/stages/spectrum/index.ts'
import { stability } from '../src/stages/stability/index.ts'
import { svd } from '../src/stages/svd/index.ts'
import {
  checkSink,
  checkSource,
  checkStage,
  checkStream,
  checkTensors,
  everyKind,
} from '../src/testing/index.ts'
import { twoStates } from './cases/two-states.ts'
import { timeless } from './support/events.ts'

/** The files of a folder and of those in it, by their paths in it. */
function filesOf(path: string): string[] {
  const names = (readdirSync(path, { recursive: true }) as string[]).sort()
  return names.filter((name) => statSync(join(path, name)).isFile())
}

/** All of its files, one after another. */
async function filesIn(path: string): Promise<Uint8Array> {
  const files = filesOf(path).flatMap((name) => [Buffer.from(name), readFileSync(join(path, name))])
  return Buffer.concat(files)
}

/** All rows of a folder of Parquet tables, whatever parts they are in. */
async function tablesIn(path: string): Promise<Uint8Array> {
  const tables = readdirSync(path)
    .sort()
    .map(async (name) => {
      const parts = readdirSync(join(path, name))
        .sort()
        .map(async (part) => {
          const file = readFileSync(join(path, name, part))
          return parquetReadObjects({ file: new Uint8Array(file).buffer })
        })
      return [name, (await Promise.all(parts)).flat()]
    })
  const text = JSON.stringify(await Promise.all(tables), (_, value) =>
    typeof value === 'bigint' ? Number(value) : value
  )
  return Buffer.from(text)
}

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
  'stage stability': () =>
    checkStage(stability, {
      options: [
        { look: { every: 5 } },
        { look: { every: 1, of: 'epochs' }, storage: 'f64', parts: 2, draws: 3 },
        { look: { every: 1, of: 'anchors' } },
      ],
    }),
  'stage phases': () =>
    checkStage(phases, {
      options: [
        { look: { every: 3 } },
        { per: 'tensor', look: { every: 5 } },
        { look: { every: 4 }, model: twoStates },
      ],
    }),
  'stage spectrum': () =>
    checkStage(spectrum, {
      options: [
        { look: { every: 5 } },
        { look: { every: 1, of: 'epochs' }, rank: 3, draws: 0 },
        { look: { every: 7 }, rank: 3, full: 8, passes: 2 },
      ],
    }),
  'stage edge': () =>
    checkStage(edge, {
      options: [
        { look: { every: 2 }, activation: 'tanh' },
        { look: { every: 1, of: 'epochs' }, activation: 'relu' },
        { look: { every: 7 } },
        { look: { every: 3 }, per: 'model' },
      ],
    }),
  'stage koopman': async () => [
    ...(await checkStage(koopman, {
      options: [
        { on: 'svd' },
        { on: 'svd', delays: 2, modes: 4, forget: 0.95, pseudospectrum: 4, shapes: 64 },
        { on: 'svd', window: 32, modes: 3 },
        { on: 'svd', pool: true, intercept: false, modes: 3 },
      ],
      after: [positions],
    })),
    ...(await checkStage(koopman, {
      options: ['a.bias', 'scale'].map((name) => ({
        coordinates: 'weights' as const,
        select: { include: [name, 'one', 'none'] },
        pool: name === 'scale',
        delays: 1,
      })),
    })),
  ],
  'stage path': async () => [
    ...(await checkStage(path, { options: [{}, { checkpoints: 8 }, { per: 'tensor' }] })),
    ...(await checkStage(path, { after: [svd({ rank: 4, tier: 'sketch' })] })),
  ],
  'sink ndjson': () => {
    const path = join(folder, 'out.ndjson')
    return checkSink(ndjson, { options: { path }, read: async () => readFileSync(path) })
  },
  'sink csv': () => {
    const path = join(folder, 'csv')
    return checkSink(csv, { options: { path }, read: () => filesIn(path) })
  },
  'sink parquet': () => {
    const path = join(folder, 'parquet')
    return checkSink(parquet, { options: { path }, read: () => tablesIn(path) })
  },
  'sink tensorboard': () => {
    const path = join(folder, 'tensorboard')
    return checkSink(tensorboard, {
      options: { path },
      read: async () => Buffer.concat(filesOf(path).flatMap((file) => timeless(join(path, file)))),
    })
  },
  'sink summary': () => {
    const path = join(folder, 'summary')
    return checkSink(summary, { options: { path }, read: () => filesIn(path) })
  },
  'sink table': () => checkSink(table, { options: {} }),
  'source checkpoints': () => {
    const path = join(folder, 'checkpoints')
    mkdirSync(path)
    for (const step of [1, 2, 3]) {
      const header = JSON.stringify({ w: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } })
      const bytes = Buffer.alloc(8 + header.length + 4)
      bytes.writeBigUInt64LE(BigInt(header.length))
      bytes.write(header, 8)
      bytes.writeFloatLE(step, 8 + header.length)
      writeFileSync(join(path, `${step}.safetensors`), bytes)
    }
    return checkSource(checkpoints, { options: { path } })
  },
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
