import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { stability } from '../../../src/stages/stability/index.ts'
import { cut, dividingSchedule, schedule } from '../../../src/stages/stability/schedule.ts'
import type { StabilityValues } from '../../../src/stages/stability/spec.ts'
import {
  analyseMatrices,
  byNumpy,
  type Dense,
  dense,
  entry,
  gaussian,
  hasNumpy,
  transposed,
  withValues,
} from '../matrices.ts'
import { pairs } from './pairs.ts'

const stage = suite('the stability stage')
const look = { every: 1 }

/** The figures after the last look. */
function figures(
  weights: readonly Dense[],
  options: Parameters<typeof stability>[0] = {},
  dtype: 'f32' | 'f64' = 'f64'
): StabilityValues {
  const { rows, columns } = weights[0]!
  const run = { shape: [rows, columns], dtype, weights: weights.map(({ values }) => values) }
  const { summaries, error } = analyseMatrices(run, stability({ look, ...options }))
  if (error) throw error
  return summaries.at(-1)!.values as unknown as StabilityValues
}

const python = hasNumpy ? stage : stage.skip

python('is that of LAPACK to 1e-10 in f64 and to 1e-5 in f32', () => {
  const all = pairs()
  const expected = byNumpy<{ stability: number; kept: [number, number] }>(
    'stability',
    all.map(([, { rows, columns }]) => `${rows}x${columns}`),
    all.flatMap(([, a, b]) => [a.values, b.values])
  )
  all.forEach(([name, a, b], i) => {
    const short = Math.min(a.rows, a.columns)
    for (const [storage, most] of [
      ['f64', 1e-10],
      ['f32', 1e-5],
    ] as const) {
      const found = figures([a, b], { storage })
      const off = Math.abs(found.stability - expected[i]!.stability)
      assert.ok(off <= most, `${name} in ${storage}: off by ${off}`)
      assert.is(found.numericalRank, expected[i]!.kept[1], `${name}: rank`)
      assert.is(found.leftOut, short - expected[i]!.kept[1], name)
    }
  })
})

stage('of a matrix and a multiple of it is 1, of a rotation by 60 degrees a half', () => {
  const a = gaussian(12, 12, 9)
  const twice = dense(12, 12, (i, j) => 2 * entry(a, i, j))
  assert.ok(Math.abs(figures([a, twice]).stability - 1) < 1e-6)
  // Rows turned by pairs: Q' = R Q, and the mean of cosines is the trace of R over n.
  const [c, s] = [0.5, Math.sqrt(0.75)]
  const turned = dense(12, 12, (i, j) =>
    i % 2 === 0
      ? c * entry(a, i, j) - s * entry(a, i + 1, j)
      : s * entry(a, i - 1, j) + c * entry(a, i, j)
  )
  const found = figures([a, turned], { storage: 'f64' })
  const q = Math.abs(found.stability)
  assert.ok(q < 1 && found.flips === 0)
  // A Qᵀ on the right turns columns alike: there it is exactly the cosine.
  const across = dense(12, 12, (i, j) =>
    j % 2 === 0
      ? c * entry(a, i, j) - s * entry(a, i, j + 1)
      : s * entry(a, i, j - 1) + c * entry(a, i, j)
  )
  assert.ok(figures([a, across], { storage: 'f64' }).stability < 1)
  const identity = dense(12, 12, (i, j) => Number(i === j))
  const rotation = dense(12, 12, (i, j) =>
    i === j ? c : i === j + 1 && j % 2 === 0 ? s : j === i + 1 && i % 2 === 0 ? -s : 0
  )
  assert.ok(Math.abs(figures([identity, rotation], { storage: 'f64' }).stability - 0.5) < 1e-12)
})

stage('names a dip of 2/n by the direction that changed sign', () => {
  const values = Array.from({ length: 16 }, (_, i) => (i === 15 ? 1e-4 : 1 + i / 16))
  const before = withValues(16, 16, values, 3)
  const after = withValues(16, 16, [...values.slice(0, 15), -1e-4], 3)
  const { stability: found, flips } = figures([before, after], { storage: 'f64' })
  assert.is(flips, 1)
  assert.ok(Math.abs(found - (1 - 2 / 16)) < 1e-9)
})

stage('gives the ranks of a known spectrum', () => {
  const values = [4, 2, 1, 0.5, 0.3, 1e-9]
  const a = withValues(20, 6, values, 5)
  const found = figures([a, a], { beta: 0.1, look: { every: 100 } })
  const squares = values.reduce((sum, v) => sum + v * v, 0)
  const fourths = values.reduce((sum, v) => sum + v ** 4, 0)
  assert.ok(Math.abs(found.stableRank - squares / 16) < 1e-6)
  assert.ok(Math.abs(found.participationRatio - squares ** 2 / fourths) < 1e-6)
  assert.is(found.numericalRank, 5)
  assert.is(found.leftOut, 1)
  assert.is(found.keptRank, 4)
  assert.ok(Math.abs(found.saved - (1 - 16 / 120)) < 1e-12)
  assert.ok(Math.abs(found.stored - (4 * 26 + 16) / 120) < 1e-12)
  assert.ok(Number.isNaN(found.stability) && found.basis === 'insufficient')
  assert.match(found.why!, 'two looks')
})

stage('of a random walk exceeds its null by 0 within its error', () => {
  const scores: number[] = []
  for (let seed = 1; seed <= 20; seed++) {
    let w = gaussian(24, 16, seed)
    const weights = [w]
    for (let step = 0; step < 12; step++) {
      const size = 0.3 * (1 + (step % 3))
      const move = gaussian(24, 16, 100 * seed + step)
      w = dense(24, 16, (i, j) => entry(w, i, j) + size * entry(move, i, j))
      weights.push(w)
    }
    const { excess, excessError } = figures(weights, { draws: 2, seed })
    assert.ok(excessError > 0)
    scores.push(excess / excessError)
  }
  const mean = scores.reduce((sum, z) => sum + z, 0) / 20
  const spread = Math.sqrt(scores.reduce((sum, z) => sum + (z - mean) ** 2, 0) / 19)
  assert.ok(Math.abs(mean) < 3 / Math.sqrt(20), `mean ${mean}`)
  assert.ok(spread > 0.5 && spread < 2, `spread ${spread}`)
})

/** Looks at a matrix that moves along one direction, or at random, by steps that fade. */
function fading(isAlong: boolean, count: number): Dense[] {
  const start = gaussian(32, 20, 5)
  const weights = [start]
  for (let k = 1; k < count; k++) {
    const before = weights.at(-1)!
    const move = gaussian(32, 20, 200 + k)
    const size = 0.5 * 0.6 ** k
    weights.push(
      dense(32, 20, (i, j) => {
        const own = isAlong ? entry(start, i, j) : entry(move, i, j)
        return entry(before, i, j) + size * own
      })
    )
  }
  return weights
}

stage('calls a basis settled only where its steps turn it less than random ones', () => {
  const along = figures(fading(true, 9))
  assert.is(along.basis, 'settled')
  assert.ok(along.settledSince >= 1 && along.excess > 0)
  const random = figures(fading(false, 14))
  assert.ok(random.stability > 0.99)
  assert.is(random.basis, 'calm')
  assert.is(figures(fading(false, 3)).basis, 'turning')
})

stage('stays settled until the basis has turned twice as far', () => {
  const weights = fading(true, 9)
  const shaken = (size: number): Dense => {
    const last = weights.at(-1)!
    const move = gaussian(32, 20, 77)
    return dense(32, 20, (i, j) => entry(last, i, j) + size * entry(move, i, j))
  }
  const little = figures([...weights, shaken(0.2)])
  assert.ok(little.stability < 0.99 && little.stability > 0.98, String(little.stability))
  assert.is(little.basis, 'settled')
  assert.is(figures([...weights, shaken(1)]).basis, 'turning')
})

stage('raises an alert once when a basis has settled', () => {
  const weights = fading(true, 12).map(({ values }) => values)
  const { summaries } = analyseMatrices({ shape: [32, 20], weights }, stability({ look }), {
    block: 2,
    emit: { every: 1 },
  })
  const raised = summaries.flatMap(({ alerts }) => alerts.map(({ id }) => id))
  assert.equal(raised, ['stability/settled'])
})

stage('raises none when a basis is as calm as random steps would leave it', () => {
  const weights = fading(false, 14).map(({ values }) => values)
  const { summaries } = analyseMatrices({ shape: [32, 20], weights }, stability({ look }))
  assert.is((summaries.at(-1)!.values as { basis?: string }).basis, 'calm')
  assert.equal(
    summaries.flatMap(({ alerts }) => alerts),
    []
  )
})

stage('takes convolutions and packed matrices, whichever way they map', () => {
  const outFirst = [0, 1].map((k) => gaussian(6, 2 * 3 * 3, 30 + k))
  const first = { shape: [6, 2, 3, 3], weights: outFirst.map(({ values }) => values) }
  const last = {
    name: 'conv/kernel',
    shape: [3, 3, 2, 6],
    weights: outFirst.map((m) => transposed(m).values),
  }
  const of = (run: typeof first, more: object = {}) =>
    analyseMatrices(run, stability({ look, storage: 'f64', ...more })).summaries.at(-1)!
      .values as unknown as StabilityValues
  const [a, b] = [of(first), of(last)]
  assert.ok(Math.abs(a.stability - b.stability) < 1e-12)
  assert.ok(Math.abs(a.stableRank - b.stableRank) < 1e-12)
  assert.is(a.keptRank + a.leftOut, a.numericalRank)
  // Three matrices in one: the mean of their stabilities.
  const parts = Array.from({ length: 3 }, (_, part) =>
    [0, 1].map((k) => gaussian(5, 5, 50 + 2 * part + k))
  )
  const joined = [0, 1].map((k) => Float64Array.from(parts.flatMap((own) => [...own[k]!.values])))
  const packed = of({ shape: [15, 5], weights: joined }, { parts: 3 })
  const single = parts.map((own) => figures(own, { storage: 'f64' }))
  const mean = single.reduce((sum, { stability: value }) => sum + value, 0) / 3
  assert.ok(Math.abs(packed.stability - mean) < 1e-12)
  assert.is(
    packed.keptRank,
    single.reduce((sum, { keptRank }) => sum + keptRank, 0)
  )
})

stage('says what it cannot say of nothing', () => {
  const zero = dense(8, 8, () => 0)
  const found = figures([zero, zero])
  assert.is(found.basis, 'insufficient')
  assert.is(found.numericalRank, 0)
  assert.match(found.why!, 'not zero')
  const vector = { shape: [9], weights: [0, 1].map(() => new Float64Array(9)) }
  const { error } = analyseMatrices(vector, stability())
  assert.is((error as ThalwegError).code, 'E_SELECT')
})

stage(
  'by a schedule that brings all values above its least to 1, and parts those about the cut',
  () => {
    const after = (y: number, steps: readonly { shift: number; scale: number }[]): number =>
      steps.reduce((value, { shift, scale }) => value * (shift + scale * value * value), y)
    for (const least of [1e-6, 1e-3, 0.2, 0.9]) {
      const { steps } = schedule(least, 1e-15)
      for (let y = least; y <= 1; y *= 1.07) {
        assert.ok(Math.abs(after(y, steps) - 1) < 2e-15, `${least}: ${y}`)
      }
    }
    const { start, steps } = dividingSchedule()
    const divide = after(start * cut, steps)
    for (let sigma = 2 * cut; sigma <= 1; sigma *= 1.01) {
      const value = after(start * sigma, steps)
      assert.ok(value > divide + 0.02 && value <= 1 + 1e-12, `${sigma}: ${value}`)
    }
    assert.ok(after(start * 0.5 * cut, steps) < divide - 0.1)
  }
)

stage.run()
