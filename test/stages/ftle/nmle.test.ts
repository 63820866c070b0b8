import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { nmle } from '../../../src/stages/ftle/nmle.ts'
import { random } from '../../engine/frames.ts'
import { nmleOver } from '../../evidence/nmle.ts'
import { analysed, orbit, type State, stream } from './members.ts'

const estimator = suite("the paper's estimator of the network exponent")

const near = (value: number | null, expected: number, within: number): void =>
  assert.ok(Math.abs(value! - expected) <= within, `${value}, expected ${expected}`)
const series = (length: number, log: (t: number) => number): number[] =>
  Array.from({ length }, (_, t) => Math.exp(log(t)))

estimator('finds straight growth between a start and saturation', () => {
  const next = random(1)
  const bent = (t: number): number => -16 + 0.3 * Math.min(Math.max(t - 20, 0), 45)
  const found = nmle([series(200, (t) => bent(t) + 0.02 * next())])!
  const { slope, window } = found
  near(slope, 0.3, 2e-3)
  assert.ok(window[0] >= 20 && window[1] <= 65, `${window}`)
  assert.is(nmleOver([found]).kept, 1)
})

estimator('takes the best squared correlation of all windows', () => {
  const next = random(2)
  let log = 0
  const d = series(150, () => (log += 0.1 + next()))
  const correlation = (s: number, l: number): number => {
    const y = d.slice(s, s + l + 1).map(Math.log)
    const n = y.length
    const sum = (f: (v: number, i: number) => number): number =>
      y.reduce((total, v, i) => total + f(v, i), 0)
    const xy = n * sum((v, i) => v * i) - sum((_, i) => i) * sum((v) => v)
    const xx = n * sum((_, i) => i * i) - sum((_, i) => i) ** 2
    return xy ** 2 / (xx * (n * sum((v) => v * v) - sum((v) => v) ** 2))
  }
  let best = { r2: -1, window: [0, 0] }
  for (let s = 0; s <= 100; s += 5) {
    for (let l = 30; l <= 100; l += 5) {
      if (s + l >= 150) continue
      const r2 = correlation(s, l)
      if (r2 > best.r2) best = { r2, window: [s, s + l] }
    }
  }
  const found = nmle([d])!
  assert.equal(found.window, best.window)
  near(found.rSquared, best.r2, 1e-12)
})

estimator('averages separations, not their logarithms', () => {
  const one = series(120, (t) => 0.1 * t)
  const { slope } = nmle([one, one.map((d) => 3 * d)])!
  near(slope, 0.1, 1e-12)
  const mixed = nmle([one, series(120, () => 0)])!
  const mean = series(120, (t) => Math.log((Math.exp(0.1 * t) + 1) / 2))
  near(mixed.slope, nmle([mean])!.slope, 1e-12)
})

estimator('keeps neither slow nor crooked growth, and finds none in zeros', () => {
  const kept = (d: number[]): number => nmleOver([nmle([d])]).kept
  assert.is(kept(series(200, (t) => 0.04 * t)), 0)
  const next = random(3)
  assert.is(kept(series(200, (t) => 0.06 * t + 4 * next())), 0)
  assert.is(nmle([new Array(200).fill(0)]), undefined)
  assert.is(nmle([series(25, (t) => t)]), undefined)
})

estimator('summarises what is kept', () => {
  const of = (slope: number) => nmle([series(120, (t) => slope * t)])
  const { mean, deviation, kept, of: all } = nmleOver([of(0.2), of(0.4), of(0.01), undefined])
  near(mean, 0.3, 1e-12)
  near(deviation, 0.1, 1e-12)
  assert.equal([kept, all], [2, 4])
})

/** Growth by 1.1 a step up to step 80, beside a weight that stays. */
const grown = (steps: number, sizes: number[]): State[][] =>
  [0, ...sizes].map((e) => orbit([e, 1], steps, ([x, y], t) => [x! * (t <= 80 ? 1.1 : 0.99), y!]))

estimator('is a figure of the stage, and stays what it was when its windows are past', () => {
  const { last } = analysed(stream(grown(150, [1e-9])))
  near(last.nmle, Math.log(1.1), 1e-6)
  assert.ok(Number.isNaN(analysed(stream(grown(20, [1e-9]))).last.nmle))
  // Nine thousand steps later the first of them are there no more.
  const { all } = analysed(stream(grown(9000, [1e-9])), {}, { emit: { every: 1 } })
  const at = (step: number) => all[Math.floor(step / 16)]!
  assert.equal([at(8900).nmle, at(8900).nmleWindow], [at(240).nmle, at(240).nmleWindow])
  near(at(8900).nmle, Math.log(1.1), 1e-6)
})

estimator('averages twins of one size, not those much farther away', () => {
  const one = analysed(stream(grown(150, [1e-9]))).last
  const two = analysed(stream(grown(150, [1e-9, 1e-6]))).last
  assert.is(two.nmle, one.nmle)
})

estimator.run()
