import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { analyse } from '../../../src/analyse.ts'
import { turnOf } from '../../../src/stage/index.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { random } from '../../engine/frames.ts'
import { orbit, type State, stream } from './members.ts'
import {
  directions,
  framesOf,
  type LocalValues,
  lastOf,
  multipliers,
  normalOf,
  ones,
  quadratic,
  runOf,
  summariesOf,
} from './single.ts'

const local = suite('exponents from one run')

const near = (value: number, expected: number, within: number, what = ''): void =>
  assert.ok(Math.abs(value - expected) <= within, `${what} ${value}, expected ${expected}`)

local('are 1 - ηh of gradient descent on a quadratic', () => {
  const frames = framesOf(runOf(quadratic, ones, 400))
  for (const of of ['deltas', 'positions'] as const) {
    const values = lastOf(frames, { svd: { of } })
    assert.is(values.exponents.length, 6)
    multipliers.forEach((mu, i) => {
      near(values.spectral[i]!, Math.log(mu), 2e-5, of)
      near(values.exponents[i]!, Math.log(mu), 2e-5, of)
    })
    assert.is(values.verdict, 'contracting')
    assert.equal(values.window, [1, 400])
    near(values.efoldings, 399 * -Math.log(0.999), 1e-2)
    near(values.captured, 1, 1e-6)
    assert.ok(values.unexplained < 1e-10)
  }
})

local('stay within 3e-3 of them under process noise, over 3,000 steps', () => {
  const frames = framesOf(runOf(quadratic, ones, 3000, { noise: 1e-3 }))
  for (const of of ['deltas', 'positions'] as const) {
    const { spectral, verdict } = lastOf(frames, { svd: { of }, ftle: { window: 3000 } })
    multipliers.forEach((mu, i) => {
      near(Math.exp(spectral[i]!), mu, 3e-3, `${of} ${i}`)
    })
    assert.is(verdict, 'contracting')
  }
})

local('of pure noise about a minimum are as exact as least squares can be', () => {
  // The variance of an autoregression's coefficient is (1 - λ²) / n, its bias near -(1 + 3 λ) / n (Marriott and Pope).
  const mu = [0.99, 0.9, 0.6]
  const map = (z: State): State => z.map((value, i) => mu[i]! * value)
  const steps = 3000
  let squares = 0
  for (let seed = 1; seed <= 6; seed++) {
    const frames = framesOf(runOf(map, [0, 0, 0], steps, { noise: 3e-2, seed }))
    const { spectral, unexplained } = lastOf(frames, {
      svd: { of: 'positions', rank: 3 },
      ftle: { window: steps },
    })
    assert.ok(unexplained > 0.7, `${unexplained}`)
    mu.forEach((m, i) => {
      const deviation = Math.sqrt((1 - m * m) / steps)
      const off = Math.exp(spectral[i]!) - m + (1 + 3 * m) / steps
      near(off, 0, 4 * deviation, `${m}`)
      squares += (off / deviation) ** 2
    })
  }
  assert.ok(squares / 18 < 2, `${squares / 18}`)
})

local('show growth that a non-normal operator brings before it contracts', () => {
  const map = ([x, y]: State): State => [0.9 * x! + 5 * y!, 0.8 * y!]
  const values = lastOf(framesOf(runOf(map, [1, 1], 120), 'f64'), { ftle: { horizon: 10 } })
  // Kⁿ = [[a, b], [0, d]] with b = 5 (.9ⁿ - .8ⁿ) / .1; σ_1² by its norm and determinant.
  const [a, d] = [0.9 ** 10, 0.8 ** 10]
  const b = 50 * (a - d)
  const norm = a * a + b * b + d * d
  const first = Math.sqrt((norm + Math.sqrt(norm * norm - 4 * a * a * d * d)) / 2)
  near(values.exponents[0]!, Math.log(first) / 10, 1e-5)
  near(values.exponents[1]!, Math.log((a * d) / first) / 10, 1e-5)
  near(values.spectral[0]!, Math.log(0.9), 1e-5)
  near(values.spectral[1]!, Math.log(0.8), 1e-5)
  near(values.nonNormality[0]!, Math.log(first / a) / 10, 2e-5)
  assert.is(values.horizon, 10)
  assert.is(values.verdict, 'contracting')
  assert.match(values.why, /some perturbations grow over 10 steps before/)
})

local('come as close to the spectrum as the horizon is long, and never vanish or overflow', () => {
  for (const first of [0.5, 1.2]) {
    const map = ([x, y]: State): State => [first * x! + 0.1 * y!, 0.8 * first * y!]
    const frames = framesOf(runOf(map, [1e-3, 1], 60), 'f64')
    const { exponents, spectral, nonNormality } = lastOf(frames, { ftle: { horizon: 65536 } })
    near(spectral[0]!, Math.log(first), 1e-6)
    near(exponents[0]!, spectral[0]!, 1e-5)
    near(nonNormality[0]!, 0, 1e-5)
  }
})

local('of rotations are the moduli of complex pairs', () => {
  const [c, s] = [0.98 * Math.cos(0.4), 0.98 * Math.sin(0.4)]
  const map = ([x, y]: State): State => [c * x! - s * y!, s * x! + c * y!]
  const { spectral, nonNormality } = lastOf(framesOf(runOf(map, [1, 0], 100)))
  near(spectral[0]!, Math.log(0.98), 1e-6)
  assert.is(spectral[0], spectral[1])
  near(nonNormality[0]!, 0, 1e-6)
})

local('name an expanding direction so, and raise an alert', () => {
  const map = ([x, y]: State): State => [1.03 * x!, 0.9 * y!]
  const frames = framesOf(runOf(map, [1e-4, 1], 200))
  const last = summariesOf(frames).at(-1)!
  const values = last.values as unknown as LocalValues
  near(values.spectral[0]!, Math.log(1.03), 1e-5)
  assert.is(values.verdict, 'expanding')
  assert.equal(
    last.alerts.map(({ id, level }) => [id, level]),
    [['ftle/expanding', 'info']]
  )
  const early = lastOf(framesOf(runOf(map, [1e-4, 1], 40)))
  assert.is(early.verdict, 'insufficient')
})

local('do not take a random walk for a contraction, nor a straight line', () => {
  const verdicts = Array.from({ length: 20 }, (_, seed) => {
    const states = runOf((z) => z, [0, 0, 0], 300, { noise: 1e-2, seed: seed + 1 })
    return lastOf(framesOf(states)).verdict
  })
  assert.ok(
    verdicts.every((verdict) => verdict === 'insufficient'),
    verdicts.join()
  )
  const drift = lastOf(framesOf(runOf(([x]) => [x! + 0.01], [0], 300)))
  near(drift.spectral[0]!, 0, 1e-9)
  assert.ok(Number.isNaN(drift.unexplained))
  assert.match(drift.why, /all steps are alike/)
})

local('claim nothing where one stretch alone moves, in or before the window', () => {
  const settling = (steps: number) =>
    framesOf(runOf((z) => z.map((x) => (x < 1e-6 ? 0 : x / 2)), [1, 0.7], steps))
  for (const of of ['deltas', 'positions'] as const) {
    const values = lastOf(settling(300), { svd: { of } })
    near(values.spectral[0]!, -Math.log(2), 1e-6)
    assert.equal(values.spectralIntervals[0], null)
    // That it contracted was true of the first 143 steps, and stands until as many have said otherwise.
    assert.is(values.verdict, 'contracting')
    assert.is(values.latest, 'insufficient')
    assert.match(values.why, /one stretch of the window alone tells/)
    assert.ok(values.captured <= 1)
    const later = lastOf(settling(600), { svd: { of } })
    assert.is(later.verdict, 'insufficient')
    assert.is(later.why, 'the run does not move')
  }
})

local('lose a direction that the svd has forgotten, and nothing else', () => {
  // [b_0 b_1 x]: b_1 has faded to zero, x is along b_0.
  const gram = Float64Array.of(4, 0, 2, 0, 0, 1)
  const scale = Math.sqrt(5)
  const rotation = Float64Array.of(2 / scale, 0, 1 / scale)
  const result = { gram, columns: 3, before: 2, rotation, kept: 1, scales: Float64Array.of(scale) }
  const turn = turnOf(result, 1, 2)
  near(turn.rotation[0]!, 1, 1e-15)
  assert.is(turn.rotation[1], 0)
  near(turn.increments[0]![0]!, 1, 1e-15)
})

local('claim no expansion that the last stretch alone shows', () => {
  let t = 0
  const map = (z: State): State => {
    t++
    return z.map((x) => (t < 290 ? 0 : t === 290 ? 1e-3 : 1.3 * x))
  }
  const last = summariesOf(framesOf(runOf(map, [0], 305)), {}, { emit: { every: 1e6 } }).at(-1)!
  assert.is(last.values.verdict, 'insufficient')
  assert.equal(last.alerts, [])
})

local('need four steps for each direction, and a run that moves', () => {
  const short = lastOf(framesOf(runOf(quadratic, ones, 20)))
  assert.is(short.verdict, 'insufficient')
  assert.equal(short.exponents, [])
  assert.match(short.why, /^19 steps for an operator on (\d) directions; \d\d are needed$/)
  const still = lastOf(framesOf(runOf((z) => z, [1], 30)))
  assert.is(still.verdict, 'insufficient')
  assert.is(still.why, 'the run does not move')
  const one = lastOf(framesOf(runOf(quadratic, ones, 1)))
  assert.is(one.why, 'too few steps without a break so far')
})

local('are read over the last steps of the window, and per step of the trainer', () => {
  const states = runOf(quadratic, ones, 1200)
  const values = lastOf(framesOf(states), { ftle: { window: 100 } })
  assert.equal(values.window, [1100, 1200])
  near(values.spectral[0]!, Math.log(0.999), 1e-4)
  const everyFourth = lastOf(framesOf(states), {}, { select: { every: 4 } })
  assert.equal(everyFourth.window, [688, 1200])
  assert.is(everyFourth.horizon, 32)
  near(everyFourth.spectral[0]!, Math.log(0.999), 1e-5)
  near(everyFourth.exponents[0]!, Math.log(0.999), 1e-5)
})

local('begin anew after a gap', () => {
  const frames = framesOf(runOf(quadratic, ones, 300))
  const broken = frames.filter((frame) => frame.kind !== 'delta' || frame.step !== 200)
  const values = lastOf(broken)
  assert.equal(values.window, [201, 300])
  near(values.spectral[0]!, Math.log(0.999), 1e-3)
})

local('say how much of the motion they do not see', () => {
  // Twenty directions of equal noise, of which the svd keeps four.
  const states = runOf((z) => z.map((v) => 0.9 * v), Array(20).fill(0), 200, { noise: 1 })
  const values = lastOf(framesOf(states), { svd: { rank: 2, columns: 4 } })
  assert.is(values.exponents.length, 2)
  assert.ok(values.captured > 0.02 && values.captured < 0.3, `${values.captured}`)
  assert.match(values.why, /^[^;]*; \d\d % of the motion lies outside of the directions$/)
})

local('are equal to the bit for any number of shards', () => {
  const basis = directions(2300, 3, 4)
  const normal = normalOf(random(2))
  const states = orbit([1, 1, 1], 70, ([x, y, z]) => [
    0.99 * x! + 1e-3 * normal(),
    0.9 * y! + 1e-3 * normal(),
    0.8 * z! + 0.3 * x!,
  ]).map((z) =>
    Array.from({ length: 2300 }, (_, k) => z.reduce((sum, v, i) => sum + v * basis[i]![k]!, 0))
  )
  const frames = framesOf(states)
  const of = (shards: number): string =>
    JSON.stringify(summariesOf(frames, { svd: { rank: 3 } }, { shards, block: 7 }))
  const whole = of(1)
  assert.match(whole, /"spectral":\[-0\.0/)
  for (const shards of [2, 3, 4, 8]) assert.is(of(shards), whole)
})

local('are read per tensor where the svd is', () => {
  const tensors = [
    { name: 'a.kernel', rows: 300 },
    { name: 'b.kernel', rows: 300 },
  ]
  const basis = directions(300, 1, 3)[0]!
  const states = orbit([1, 1], 100, ([x, y]) => [0.99 * x!, 0.9 * y!]).map((z) =>
    z.flatMap((value) => basis.map((x) => value * x))
  )
  const summaries = summariesOf(stream([states], { dtype: 'f32', tensors }), {
    svd: { per: 'tensor' },
    ftle: { per: 'tensor' },
  }).slice(-2)
  assert.equal(
    summaries.map(({ scope }) => scope),
    ['tensor:a.kernel', 'tensor:b.kernel']
  )
  const [a, b] = summaries.map(({ values }) => (values as unknown as LocalValues).spectral[0]!)
  near(a!, Math.log(0.99), 1e-5)
  near(b!, Math.log(0.9), 1e-5)
})

local('of a sketch are those of the model, since a fold is linear', () => {
  const n = 70_000
  const next = random(8)
  const basis = [0, 1].map(() => Float64Array.from({ length: n }, next))
  const states = orbit([1, 1], 50, ([x, y]) => [0.99 * x! + 0.3 * y!, 0.8 * y!]).map((z) =>
    Array.from({ length: n }, (_, k) => z[0]! * basis[0]![k]! + z[1]! * basis[1]![k]!)
  )
  const frames = framesOf(states)
  const [whole, sketch] = (['basis', 'sketch'] as const).map((tier) =>
    lastOf(frames, { svd: { tier, rank: 2 } })
  )
  for (const { spectral } of [whole!, sketch!]) {
    near(spectral[0]!, Math.log(0.99), 1e-5)
    near(spectral[1]!, Math.log(0.8), 1e-5)
  }
  near(sketch!.exponents[0]!, whole!.exponents[0]!, 1e-3)
})

const refused = (stages: Parameters<typeof analyse>[1][]): string => {
  try {
    analyse({}, ...stages)
  } catch (error) {
    return (error as Error).message
  }
  return ''
}

local('are refused where there is nothing to read', () => {
  const method = 'local-linear'
  assert.match(
    refused([ftle({ method })]),
    /\.on: this stage reads "gram" of an earlier one\. Put a stage that offers it.*\[E_CONFIG\]/
  )
  assert.match(
    refused([svd(), ftle({ id: 'a' }), ftle({ method, on: 'a' })]),
    /\.on: stage "a" of type "ftle" offers nothing, expected one that offers "gram"\./
  )
  assert.match(
    refused([svd(), ftle({ on: 'svd' })]),
    /\.on: method "twin" reads no other stage\. Leave "on" out\./
  )
  assert.match(
    refused([svd({ per: 'tensor' }), ftle({ method, on: 'svd' })]),
    /\.on: stage "svd" looks at other rows\./
  )
})

local('begin anew where steps are not even', () => {
  const later = (step: number): number => (step > 20 ? step + 5 : step)
  const frames = framesOf(runOf(quadratic, ones, 60)).map((frame) =>
    frame.kind === 'delta' ? { ...frame, step: later(frame.step), base: later(frame.base!) } : frame
  )
  assert.equal(lastOf(frames).window, [26, 65])
})

local.run()
