import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame, random } from './frames.ts'

const base = suite('deltas from the last anchor')

const rows = 700
const shapes = [{ name: 'w', shape: [rows] }]

/** Weights of 21 steps, in f32, as a trainer has them. */
function orbit(seed: number): Float32Array[] {
  const next = random(seed)
  let w = Float32Array.from({ length: rows }, () => next())
  return Array.from({ length: 21 }, () => {
    const now = w
    w = now.map((value) => value + next() / 100)
    return now
  })
}

interface Kept {
  readonly columns: Map<string, number[]>
  readonly summaries: Summary[]
}

function analysed(frames: Frame[], options: AnalyseOptions = {}): Kept {
  const columns = new Map<string, number[]>()
  const summaries: Summary[] = []
  from(frames)
    .pipe(analyse({ block: 4, emit: { every: 1 }, ...options }, svd({ rank: 3 })))
    .subscribe({
      next: (block) => {
        summaries.push(...block.summaries)
        for (const view of block.columns) {
          columns.set(
            `${view.member}/${view.step}`,
            view.tensor('w').flatMap((part) => [...part])
          )
        }
      },
      error: (error) => {
        throw error
      },
    })
  return { columns, summaries }
}

/** Anchors at these steps; deltas from the step before, or from the last anchor. */
function frames(anchors: readonly number[], fromAnchor: boolean, dtype: 'f32' | 'f64' = 'f32') {
  const weights = orbit(1)
  const own = shapes.map((tensor) => ({ ...tensor, dtype }))
  const made: Frame[] = [openFrame(own)]
  let last = 0
  weights.forEach((w, step) => {
    if (step > 0) {
      const start = fromAnchor ? last : step - 1
      const moved = Float64Array.from(w, (value, i) => value - weights[start]![i]!)
      made.push(delta(step, [bytes(moved, dtype)], { base: start }))
    }
    if (!anchors.includes(step)) return
    made.push(anchor(step, [bytes(w, dtype)]))
    last = step
  })
  return made
}

const valuesOf = ({ summaries }: Kept, stage: string) =>
  summaries.filter((summary) => summary.stage === stage).at(-1)!.values

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))
}

for (const [anchors, dtype] of [
  [[0], 'f32'],
  [[0], 'f64'],
  [[0, 6, 7, 13], 'f32'],
  [[0, 6, 7, 13], 'f64'],
] as const) {
  base(`give the columns of deltas from the last step: ${dtype}, anchors at ${anchors}`, () => {
    const plain = analysed(frames(anchors, false, dtype))
    const rebased = analysed(frames(anchors, true, dtype))
    assert.equal([...rebased.columns.keys()], [...plain.columns.keys()])
    for (const [key, column] of plain.columns) {
      // Both are rounded to f32, the one of w_step - w_anchor of up to 0.3.
      assert.ok(distance(column, rebased.columns.get(key)!) < 2 ** -24, key)
    }
    const [got, expected] = [rebased, plain].map((kept) => valuesOf(kept, 'health'))
    assert.is(got!.gaps, 0)
    for (const name of ['weightNorm', 'updateNorm'] as const) {
      assert.ok(Math.abs(Number(got![name]) / Number(expected![name]) - 1) < 1e-6, name)
    }
  })
}

base('are the same bits over shards, and where deltas are summed', () => {
  const bits = (options: AnalyseOptions) =>
    JSON.stringify(
      analysed(frames([0, 6], true), options).summaries.filter(({ type }) => type !== 'run')
    )
  for (const select of [{ every: 1 }, { every: 3 }]) {
    const whole = bits({ select })
    for (const shards of [2, 3]) {
      assert.is(bits({ select, shards }), whole)
    }
  }
  const plain = analysed(frames([0, 6], false), { select: { every: 3 } })
  const rebased = analysed(frames([0, 6], true), { select: { every: 3 } })
  for (const [key, column] of plain.columns) {
    assert.ok(distance(column, rebased.columns.get(key)!) < 2 ** -23, key)
  }
})

base('hold where a step is left out: what it moved is in the next one', () => {
  const whole = frames([0], true)
  const without = analysed(whole.filter((frame) => !('step' in frame) || frame.step !== 5))
  assert.is(valuesOf(without, 'health').gaps, 0)
  const expected = valuesOf(analysed(frames([0], false)), 'health').weightNorm
  assert.ok(Math.abs(Number(valuesOf(without, 'health').weightNorm) / Number(expected) - 1) < 1e-6)
})

base('of another member are dropped, since nobody knows its last weights', () => {
  const next = random(5)
  const move = () => [bytes(Float32Array.from({ length: rows }, () => next() / 100))]
  const made: Frame[] = [openFrame(shapes, { members: 2 })]
  for (const member of [0, 1]) {
    made.push(anchor(0, [bytes(new Float32Array(rows))], { member }))
  }
  for (let step = 1; step <= 8; step++) {
    made.push(delta(step, move(), { base: step - 1 }))
    made.push(delta(step, move(), { member: 1, base: step === 6 ? 0 : step - 1 }))
  }
  const summaries: Summary[] = []
  const columns: string[] = []
  from(made)
    .pipe(analyse({ block: 4, emit: { every: 1 } }, svd({ rank: 2, member: 1 })))
    .subscribe((block) => {
      summaries.push(...block.summaries)
      columns.push(...block.columns.map(({ member, step }) => `${member}/${step}`))
    })
  assert.ok(columns.includes('1/5') && columns.includes('1/7'))
  assert.not(columns.includes('1/6'))
  const alerts = summaries.flatMap((summary) => summary.alerts)
  assert.match(alerts.find(({ id }) => id === 'health/gap')!.message, 'step 6 starts at step 0')
  assert.match(alerts.find(({ id }) => id === 'health/gap')!.message, 'the step is dropped')
})

base('are dropped where the last anchor came to nothing', () => {
  const made = frames([0], true)
  const bad = new Float32Array(rows).fill(Number.NaN)
  made.splice(8, 0, anchor(6, [bytes(bad)]))
  const { summaries, columns } = analysed(made, { nonFinite: 'drop' })
  assert.ok(columns.has('0/6'))
  assert.not(columns.has('0/7'))
  assert.is(summaries.filter(({ stage }) => stage === 'health').at(-1)!.values.gaps, 14)
})

base.run()
