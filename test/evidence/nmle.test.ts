import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { random } from '../engine/frames.ts'
import { nmle, nmleOver } from './nmle.ts'

const estimator = suite("the paper's estimator of the network exponent")

const near = (value: number, expected: number, within: number): void =>
  assert.ok(Math.abs(value - expected) <= within, `${value}, expected ${expected}`)
const series = (length: number, log: (t: number) => number): number[] =>
  Array.from({ length }, (_, t) => Math.exp(log(t)))

estimator('finds straight growth between a start and saturation', () => {
  const next = random(1)
  const bent = (t: number): number => -16 + 0.3 * Math.min(Math.max(t - 20, 0), 45)
  const { slope, window, kept } = nmle([series(200, (t) => bent(t) + 0.02 * next())])!
  near(slope, 0.3, 2e-3)
  assert.ok(window[0] >= 20 && window[1] <= 65, `${window}`)
  assert.ok(kept)
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
  near(found.r2, best.r2, 1e-12)
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
  assert.not(nmle([series(200, (t) => 0.04 * t)])!.kept)
  const next = random(3)
  assert.not(nmle([series(200, (t) => 0.06 * t + 4 * next())])!.kept)
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

estimator.run()
