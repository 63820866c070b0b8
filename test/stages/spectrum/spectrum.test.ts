import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spectrum } from '../../../src/stages/spectrum/index.ts'
import { noiseLaw, noiseQuantiles, shareBelow } from '../../../src/stages/spectrum/noise-law.ts'
import type { SpectrumValues } from '../../../src/stages/spectrum/spec.ts'
import { fitTail, leastTail, tailLimit } from '../../../src/stages/spectrum/tail.ts'
import { random } from '../../engine/frames.ts'
import {
  analyseMatrices,
  byNumpy,
  type Dense,
  dense,
  entry,
  gaussian,
  hasNumpy,
  withValues,
} from '../matrices.ts'

const stage = suite('the spectrum stage')
const look = { every: 1 }
const python = hasNumpy ? stage : stage.skip

function figures(
  weights: readonly Dense[],
  options: Parameters<typeof spectrum>[0] = {},
  dtype: 'f32' | 'f64' = 'f64'
): SpectrumValues {
  const { rows, columns } = weights[0]!
  const run = { shape: [rows, columns], dtype, weights: weights.map(({ values }) => values) }
  const { summaries, error } = analyseMatrices(run, spectrum({ look, ...options }))
  if (error) throw error
  return summaries.at(-1)!.values as unknown as SpectrumValues
}

/** The matrix looked at once, before and after a step that changes nothing. */
const once = (a: Dense, options: Parameters<typeof spectrum>[0] = {}, dtype?: 'f32' | 'f64') =>
  figures([a, a], { look: { every: 100 }, draws: 0, ...options }, dtype)

/** A matrix with outliers and a slowly falling rest. */
function trained(rows: number, columns: number): Dense {
  const noise = gaussian(rows, columns, 3)
  const [u, v] = [gaussian(rows, 6, 4), gaussian(columns, 6, 5)]
  return dense(rows, columns, (i, j) => {
    let sum = entry(noise, i, j)
    for (let k = 0; k < 6; k++) sum += (0.4 / (k + 1)) * entry(u, i, k) * entry(v, j, k)
    return sum
  })
}

python('has the singular values of LAPACK to 1e-6, of 512 x 512 and 3072 x 768', () => {
  for (const [rows, columns] of [
    [512, 512],
    [3072, 768],
    [40, 300],
  ] as const) {
    const f32 = (a: Dense): Dense => ({ ...a, values: Float64Array.from(a.values, Math.fround) })
    const a = f32(rows === columns ? gaussian(rows, columns, 1) : trained(rows, columns))
    const [expected] = byNumpy<number[]>('values', [`${rows}x${columns}`], [a.values])
    const { singularValues, errors, frobeniusNorm } = once(a, { rank: 32 }, 'f32')
    assert.is(singularValues!.length, 32)
    singularValues!.forEach((value, i) => {
      const off = Math.abs(value - expected![i]!)
      assert.ok(off <= 1e-9 * value, `${rows} x ${columns}, value ${i}: ${off / value}`)
      assert.ok(off <= errors![i]! + 1e-14 * value && errors![i]! < 1e-6 * value)
    })
    const norm = Math.hypot(...expected!)
    assert.ok(Math.abs(frobeniusNorm / norm - 1) < 1e-12)
  }
})

python('finds the largest values by the block method, each within its error', () => {
  for (const [rows, columns] of [
    [600, 400],
    [90, 500],
  ] as const) {
    const a = trained(rows, columns)
    const [expected] = byNumpy<number[]>('values', [`${rows}x${columns}`], [a.values])
    const found = once(a, { rank: 12, full: 64, passes: 8 })
    assert.is(found.shape, 'partial')
    assert.is(found.tailExponent, undefined)
    found.singularValues!.forEach((value, i) => {
      const nearest = Math.min(...expected!.map((sigma) => Math.abs(sigma - value)))
      assert.ok(nearest <= found.errors![i]!, `value ${i}: ${nearest} of ${found.errors![i]}`)
      assert.ok(value <= expected![i]! * (1 + 1e-12), `value ${i} is above`)
      assert.ok(i > 2 || found.errors![i]! < 1e-6 * value, `error ${i}: ${found.errors![i]}`)
    })
  }
})

stage('goes on from the vectors of the look before, in the block method', () => {
  const a = trained(300, 200)
  const options = { rank: 8, full: 64, passes: 2 }
  const fresh = once(a, options)
  const again = figures([a, a, a, a], options)
  assert.ok(again.errors![7]! < 0.1 * fresh.errors![7]!)
  assert.ok(again.alignment![0]! > 1 - 1e-6)
})

stage('of known values and vectors gives them back', () => {
  const values = Array.from({ length: 40 }, (_, i) => 0.8 ** i)
  const a = withValues(60, 40, values, 3)
  const b = dense(60, 40, (i, j) => 3 * entry(a, i, j))
  const found = figures([a, b], { rank: 5 })
  found.singularValues!.forEach((value, i) => {
    assert.ok(Math.abs(value - 3 * values[i]!) < 1e-12)
    assert.ok(Math.abs(found.alignment![i]! - 1) < 1e-9)
  })
  assert.ok(Math.abs(found.overlap - 1) < 1e-9)
  assert.is(found.overlapNull, 5 / 40)
  assert.is(
    found.density!.counts.reduce((sum, n) => sum + n, 0),
    40
  )
})

stage('of matrices that have nothing in common aligns as chance does', () => {
  const { overlap, overlapNull } = figures([gaussian(64, 48, 1), gaussian(64, 48, 2)], { rank: 12 })
  assert.ok(Math.abs(overlap - overlapNull) < 0.08, `${overlap}`)
})

/** Values of which a share lies above x as x^(1 - exponent). */
function pareto(count: number, exponent: number, seed: number): Float64Array {
  const next = random(seed)
  return Float64Array.from(
    { length: count },
    () => ((next() + 1) / 2) ** (-1 / (exponent - 1))
  ).sort()
}

python('fits the tail as an independent fit does', () => {
  const sets = [2, 2.5, 3.5].flatMap((exponent, i) =>
    [60, 200, 768].map((count) => pareto(count, exponent, 10 * i + count))
  )
  sets.push(noiseQuantiles(noiseLaw(300, 200), 200))
  const roots = sets.map((set) => set.map(Math.sqrt))
  const expected = byNumpy<{ exponent: number; distance: number; count: number }>(
    'tail',
    sets.map((set) => String(set.length)),
    roots
  )
  sets.forEach((set, i) => {
    const found = fitTail(set)!
    assert.ok(Math.abs(found.exponent - expected[i]!.exponent) < 1e-8, `set ${i}`)
    assert.ok(Math.abs(found.distance - expected[i]!.distance) < 1e-10)
    assert.is(found.count, expected[i]!.count)
  })
})

stage('finds a planted exponent, and refutes what is none', () => {
  for (const exponent of [2, 3, 4]) {
    const found = fitTail(pareto(2000, exponent, exponent))!
    assert.ok(Math.abs(found.exponent - exponent) < 4 * found.error + 0.05, `${exponent}`)
    assert.ok(found.distance < tailLimit(found.count))
  }
  // Of power laws one in twenty is refuted where the tail is not chosen.
  let refuted = 0
  for (let seed = 1; seed <= 400; seed++) {
    const values = pareto(leastTail, 2.5, seed)
    const { distance } = fitTail(values)!
    if (distance > tailLimit(leastTail)) refuted++
  }
  assert.ok(refuted >= 5 && refuted <= 40, `${refuted} of 400`)
  const uniform = Float64Array.from({ length: 400 }, (_, i) => 1 + i / 4000)
  const { distance, count } = fitTail(uniform)!
  assert.ok(count < 400 || distance > tailLimit(count))
  assert.is(fitTail(new Float64Array(40).fill(2)), undefined)
  assert.is(fitTail(pareto(leastTail - 1, 2, 1)), undefined)
})

stage('knows the law of random matrices', () => {
  // Semicircle squared at q = 1: half of the values are below this.
  const square = noiseLaw(100, 100)
  assert.ok(Math.abs(square.x.at(-1)! - 4) < 1e-9)
  const mean = noiseQuantiles(square, 4000).reduce((sum, x) => sum + x, 0) / 4000
  assert.ok(Math.abs(mean - 1) < 1e-3)
  const law = noiseLaw(400, 100)
  const xs = noiseQuantiles(law, 4000)
  const moment = (k: number): number => xs.reduce((sum, x) => sum + x ** k, 0) / 4000
  assert.ok(Math.abs(moment(1) - 1) < 1e-4)
  assert.ok(Math.abs(moment(2) - 1.25) < 1e-3)
  assert.ok(Math.abs(shareBelow(law, xs[1000]!) - 0.250125) < 1e-6)
})

stage('tells random, spiked and heavy-tailed spectra apart, and says so', () => {
  let right = 0
  for (let seed = 1; seed <= 20; seed++) {
    if (once(gaussian(96, 64, seed)).shape === 'random') right++
  }
  assert.ok(right >= 19, `${right} of 20 random`)
  const noise = gaussian(96, 64, 30)
  const spike = dense(
    96,
    64,
    (i, j) => entry(noise, i, j) + (i % 2 ? 0.6 : -0.6) * (j % 3 ? 1 : -2)
  )
  const spiked = once(spike)
  assert.is(spiked.shape, 'spiked')
  assert.is(spiked.outliers, 1)
  const heavy = figures(
    [0, 1].map(() => withValues(200, 100, [...pareto(100, 2.2, 4)].reverse().map(Math.sqrt), 9)),
    { draws: 3 }
  )
  assert.is(heavy.shape, 'heavy-tailed')
  assert.ok(heavy.tailExponentNull! > 2 && heavy.tailExponentNullError! > 0)
  const [first, second] = spectrum().definition.says(heavy as never)
  assert.match(first!.text, 'power law')
  assert.match(second!.text, 'on random matrices of this shape the same fit gives')
  assert.is(once(gaussian(40, 20, 1)).shape, 'too-small')
  const zero = once(dense(9, 9, () => 0))
  assert.is(zero.shape, 'none')
  assert.match(zero.why!, 'zero')
})

stage.run()
