import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse, settingsOf } from '../../../src/analyse.ts'
import { Run } from '../../../src/engine/run/run.ts'
import type { Summary } from '../../../src/engine/summary.ts'
import type { ThalwegError } from '../../../src/error.ts'
import { defineStage } from '../../../src/stage/define.ts'
import { type BlockGram, gramPort } from '../../../src/stage/ports/gram.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { Frame, OpenFrame } from '../../../src/wire/frame.ts'
import { analyseFrames, analyseRecording, framesOf } from '../harness.ts'
import { withSpectrum } from './spectra.ts'

const stage = suite('the svd stage')

const columns = withSpectrum(
  900,
  37,
  Array.from({ length: 20 }, (_, i) => 0.8 ** i)
)
const tensors = [
  { name: 'a', rows: 500 },
  { name: 'b', rows: 300 },
  { name: 'c', rows: 100 },
]
const values = (summaries: readonly Summary[]) => summaries.map((summary) => summary.values)

stage('gives the same bits for any number of shards, centred and in the reference mode too', () => {
  for (const options of [{}, { of: 'positions' }, { storage: 'f64' }] as const) {
    const run = (shards: number) =>
      values(
        analyseRecording({ tensors, deltas: [columns] }, svd({ rank: 4, ...options }), {
          shards,
          block: 8,
        }).summaries
      )
    const one = run(1)
    for (const shards of [2, 3, 4]) assert.equal(run(shards), one, `${shards} shards`)
  }
})

stage('sees the same in a peek as after a block of that length', () => {
  const open = framesOf({ tensors, deltas: [columns] })
  const short = analyseFrames(open.slice(0, 6), svd({ rank: 4 }), { block: 5 })
  const peeked = analyseFrames(open.slice(0, 6), svd({ rank: 4 }), { block: 16 })
  const [a, b] = [short, peeked].map(
    ({ summaries }) => summaries.at(-1)!.values.singularValues as number[]
  )
  a!.forEach((value, i) => {
    assert.ok(Math.abs(value - b![i]!) <= 1e-7 * a![0]!)
  })
})

stage('leaves its factor as it is in a peek', () => {
  for (const of of ['deltas', 'positions'] as const) {
    const [open, ...frames] = framesOf({ tensors, deltas: [columns] }) as [OpenFrame, ...Frame[]]
    const settings = settingsOf({ block: 8 }, svd({ rank: 4, of }))
    const run = new Run(open, settings, () => {})
    for (const frame of frames) run.push(frame as Exclude<Frame, OpenFrame>)
    const [shard] = run.shards.here
    const state = () =>
      shard!.regions
        .filter(({ name }) => name.startsWith('svd/'))
        .map(({ name, bytes }) => [...shard!.arena.u8(shard!.address(name), bytes)])
    const before = state()
    assert.ok(before.some((bytes) => bytes.some((byte) => byte !== 0)))
    run.end()
    assert.equal(state(), before)
  }
})

stage('hands on a Gram matrix and a rotation that belong together', () => {
  const results: BlockGram[] = []
  const reader = defineStage({
    type: 'reader',
    summary: 'Reads what svd made.',
    asks: '',
    options: {},
    figures: {},
    says: () => [],
    reads: { gram: gramPort },
    plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
    start: ({ ports }) => ({
      // biome-ignore lint/correctness/useYield: it adds nothing over rows.
      *step() {
        results.push(ports.gram!.last!)
        return { values: {} }
      },
    }),
  })
  const frames = framesOf({ tensors, deltas: [columns] })
  for (const options of [{}, { of: 'positions' }, { storage: 'f64' }, { forget: 0.9 }] as const) {
    results.length = 0
    from(frames)
      .pipe(analyse({ block: 8 }, svd({ rank: 4, ...options }), reader({ on: 'svd' })))
      .subscribe()
    assert.is(results.length, 5)
    for (const { gram, columns: size, rotation, kept, scales } of results) {
      assert.is(gram.length, (size * (size + 1)) / 2)
      const entry = (i: number, j: number): number =>
        i <= j ? gram[i * size - (i * (i - 1)) / 2 + j - i]! : entry(j, i)
      for (let a = 0; a < kept; a++) {
        for (let b = 0; b < kept; b++) {
          let sum = 0
          for (let i = 0; i < size; i++) {
            for (let j = 0; j < size; j++) {
              sum += rotation[i * kept + a]! * entry(i, j) * rotation[j * kept + b]!
            }
          }
          const expected = a === b ? scales[a]! ** 2 : 0
          assert.ok(Math.abs(sum - expected) <= 1e-11 * scales[0]! ** 2, `entry ${a}, ${b}`)
        }
      }
    }
  }
})

stage('works tensor by tensor, with the small ones together', () => {
  const { summaries, error } = analyseRecording(
    { tensors, deltas: [columns] },
    svd({ rank: 4, per: 'tensor', columns: 16 }),
    { block: 10 }
  )
  assert.is(error, undefined)
  const scopes = [...new Set(summaries.map((summary) => summary.scope))]
  assert.equal(scopes, ['tensor:a', 'tensor:b', 'group:small'])
  const energies = summaries.slice(-3).map((summary) => summary.values.energy as number)
  const whole = analyseRecording({ tensors, deltas: [columns] }, svd({ rank: 4 })).summaries.at(-1)!
  const sum = energies.reduce((a, b) => a + b, 0)
  assert.ok(Math.abs(sum / (whole.values.energy as number) - 1) < 1e-12)
})

stage('reports no more values than there are elements or columns', () => {
  const { summaries } = analyseRecording(
    {
      deltas: [
        [
          [3, 4],
          [0, 0],
        ],
      ],
    },
    svd({ rank: 8 })
  )
  const [first, second] = summaries.at(-1)!.values.singularValues as number[]
  assert.is(first, 5)
  assert.is(second, 0)
  assert.is((summaries.at(-1)!.values.singularValues as number[]).length, 2)
})

stage(
  'forgets a run that stands still until nothing is left, one direction before the other',
  () => {
    const moves = Array.from({ length: 16 }, (_, t) =>
      Float32Array.of(t % 2, 1e-4 * ((t + 1) % 2), 0, 0)
    )
    const still = Array.from({ length: 384 }, () => new Float32Array(4))
    const { summaries } = analyseRecording(
      { deltas: [[...moves, ...still]] },
      svd({ rank: 2, forget: 0.5 })
    )
    for (const { values, step } of summaries) {
      assert.ok(Number.isFinite(values.orthogonality), `step ${step}: ${values.orthogonality}`)
    }
    assert.is(summaries.at(-1)!.values.kept, 0)
  }
)

stage('says why there is nothing when all columns are zero', () => {
  const { summaries } = analyseRecording(
    {
      deltas: [
        [
          [0, 0],
          [0, 0],
        ],
      ],
    },
    svd({ rank: 2 })
  )
  const last = summaries.at(-1)!.values
  assert.match(last.why as string, 'zero')
  assert.equal(last.singularValues, [0, 0])
})

stage('refuses a rank above its columns', () => {
  assert.throws(
    () => analyseRecording({ deltas: [[[1]]] }, svd({ rank: 32, columns: 16 })),
    (error: ThalwegError) =>
      error.code === 'E_RANK' && error.message.includes('rank 32 exceeds columns 16')
  )
})

stage('refuses positions of a member that has none', () => {
  const deltas = [columns, columns]
  const { error } = analyseRecording({ deltas }, svd({ of: 'positions', member: 1 }))
  assert.is((error as ThalwegError).code, 'E_CONFIG')
  assert.match((error as Error).message, 'member 1 has no positions')
})

stage.run()
