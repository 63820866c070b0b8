import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { boundsOf, coarsest } from '../../../src/stages/ftle/bounds.ts'
import { cholesky, packed } from '../../../src/stages/ftle/cholesky.ts'
import { after, type Curve, fitKnee, fitLine } from '../../../src/stages/ftle/fits.ts'
import { meanRate } from '../../../src/stages/ftle/interval.ts'
import { growthEnd, growthStart } from '../../../src/stages/ftle/window.ts'
import type { Dtype } from '../../../src/wire/frame.ts'
import { random } from '../../engine/frames.ts'

const estimates = suite('estimates of exponents')

const curveOf = (logs: ArrayLike<number>, first = 1): Curve => {
  const times = Float64Array.from(logs, (_, i) => first + i)
  return { times, logs: Float64Array.from(logs) }
}
const points = (n: number, value: (t: number) => number): Curve =>
  curveOf(Array.from({ length: n }, (_, i) => value(i + 1)))
const near = (value: number, expected: number, within: number, what = ''): void =>
  assert.ok(Math.abs(value - expected) <= within, `${what} ${value}, expected ${expected}`)

const lambdaHenon = 0.41922
const henon = ([x, y]: [number, number]): [number, number] => [1 - 1.4 * x * x + y, 0.3 * x]

/** A point on the Hénon attractor. */
function onHenon(next: () => number): [number, number] {
  let z: [number, number] = [0.1 * next(), 0.1 * next()]
  for (let t = 0; t < 1000; t++) z = henon(z)
  return z
}

estimates('fit a line by least squares', () => {
  // numpy.polyfit([0, 1, 2, 4], [1, 3, 2, 5], 1): slope 31/35, residual 66/35
  const { slope, residual } = fitLine(Float64Array.of(0, 1, 2, 4), Float64Array.of(1, 3, 2, 5))
  near(slope, 31 / 35, 1e-15)
  near(residual, 66 / 35, 1e-14)
})

estimates('find the knee of a broken line exactly', () => {
  const curve = points(100, (t) => 3 + 0.2 * Math.min(t, 41))
  const { knee, slope, rest } = fitKnee(curve, 8)!
  assert.is(curve.times[knee], 41)
  near(slope, 0.2, 1e-12)
  near(rest, 0, 1e-12)
})

estimates('find the same knee as a fit of every candidate', () => {
  const next = random(3)
  const curve = points(60, (t) => 0.3 * Math.min(t, 25) + 0.5 * next())
  let best = { knee: -1, residual: Infinity }
  for (let knee = 8; knee < 52; knee++) {
    const bent = curve.times.map((t) => Math.min(t, curve.times[knee]!))
    const { residual } = fitLine(bent, curve.logs)
    if (residual < best.residual) best = { knee, residual }
  }
  assert.is(fitKnee(curve, 8)!.knee, best.knee)
})

estimates('call a knee saturation only after growth, before a long and flat rest', () => {
  const shapes: [string, boolean, (t: number) => number][] = [
    ['growth that stops', true, (t) => 0.2 * Math.min(t, 40)],
    [
      'growth that turns to decline',
      true,
      (t) => 0.2 * Math.min(t, 40) - 0.1 * Math.max(0, t - 40),
    ],
    ['plain growth', false, (t) => 0.2 * t],
    [
      'growth that slows to a half',
      false,
      (t) => 0.2 * Math.min(t, 40) + 0.1 * Math.max(0, t - 40),
    ],
    ['too little growth', false, (t) => 0.05 * Math.min(t, 40)],
    ['too short a rest', false, (t) => 0.2 * Math.min(t, 90)],
    ['decay to a floor', false, (t) => -0.2 * Math.min(t, 40)],
    ['diffusion', false, (t) => 0.5 * Math.log(t)],
  ]
  for (const [name, expected, value] of shapes) {
    assert.is(growthEnd(points(100, value)) < 99, expected, name)
  }
  assert.is(growthEnd(points(10, (t) => t)), 9)
})

estimates('cut a transient that is there and no other', () => {
  const settling = points(200, (t) => 0.1 * t + 5 * Math.exp(-t / 5))
  const cut = growthStart(settling)
  assert.ok(cut >= 20 && cut <= 100, `cut ${cut}`)
  let cuts = 0
  for (let seed = 1; seed <= 200; seed++) {
    const next = random(seed)
    let log = 0
    cuts += Math.sign(growthStart(points(60, () => (log += 0.4 + next()))))
  }
  assert.ok(cuts <= 12, `${cuts} of 200 stationary curves lost their beginning`)
})

estimates('set floor and saturation by element type and norm', () => {
  const unitOf = (...dtypes: Dtype[]): number => {
    const tensors = dtypes.map((dtype) => ({ dtype }))
    return coarsest({ indices: [...tensors.keys()] }, { tensors })
  }
  const { floor, saturation } = boundsOf(3, unitOf('f64', 'f32'))
  near(floor, 30 * 2 ** -24, 1e-20)
  near(saturation, 0.15 * Math.SQRT2, 1e-15)
  near(boundsOf(3, 2 ** -24, 4).floor, 50 * 2 ** -24, 1e-20)
  assert.is(unitOf('f64'), 2 ** -53)
  assert.is(unitOf('f16', 'bf16'), 2 ** -8)
  assert.equal(boundsOf(0, 2 ** -24), { floor: 0, saturation: Infinity })
})

estimates('give an exact line its slope and no width', () => {
  const { value, interval } = meanRate(points(81, (t) => 4 - 0.25 * t))
  assert.is(value, -0.25)
  assert.equal(interval, [-0.25, -0.25])
})

estimates('agree with batch means written out', () => {
  // 9 increments in 4 batches of 2, 2, 2 and 3, of rates 1, 3, 2 and 4; scipy.stats.t.ppf(.975, 3) = 3.1824463052837078
  const logs = [0]
  for (const rate of [1, 1, 3, 3, 2, 2, 4, 4, 4]) logs.push(logs.at(-1)! + rate)
  const { value, interval } = meanRate(curveOf(logs))
  const lambda = 24 / 9
  const deviations = [8 / 9, 8 / 9, 8 / 9, 12 / 9].map((w, b) => w * ([1, 3, 2, 4][b]! - lambda))
  const variance = deviations.reduce((sum, d) => sum + d * d, 0) / 12
  near(value, lambda, 1e-15)
  near(interval[1] - value, 3.1824463052837078 * Math.sqrt(variance), 1e-14)
  near(value - interval[0], interval[1] - value, 1e-14)
})

estimates('cover the exponent of Hénon 95 times in 100, from tangents over 1,000 steps', () => {
  const next = random(11)
  let covered = 0
  for (let seed = 0; seed < 400; seed++) {
    let z = onHenon(next)
    let v: [number, number] = [next(), next()]
    let log = 0
    const logs: number[] = []
    for (let t = 0; t <= 1020; t++) {
      v = [-2.8 * z[0] * v[0] + v[1], 0.3 * v[0]]
      z = henon(z)
      const norm = Math.hypot(...v)
      v = [v[0] / norm, v[1] / norm]
      log += Math.log(norm)
      if (t >= 20) logs.push(log)
    }
    const [low, high] = meanRate(curveOf(logs)).interval
    covered += Number(low < lambdaHenon && lambdaHenon < high)
  }
  assert.ok(covered >= 372 && covered <= 392, `${covered} of 400`)
})

estimates('cover it from twins between their start and saturation, window by window', () => {
  const next = random(12)
  for (const epsilon of [1e-12, 1e-9, 1e-6]) {
    let covered = 0
    for (let seed = 0; seed < 1000; seed++) {
      let z = onHenon(next)
      const angle = 4 * next()
      let twin: [number, number] = [
        z[0] + epsilon * Math.cos(angle),
        z[1] + epsilon * Math.sin(angle),
      ]
      const logs: number[] = []
      for (;;) {
        z = henon(z)
        twin = henon(twin)
        const d = Math.hypot(twin[0] - z[0], twin[1] - z[1])
        if (d > 0.05) break
        logs.push(Math.log(d))
      }
      const whole = curveOf(logs)
      const growing = curveOf(logs.slice(0, growthEnd(whole) + 1))
      const [low, high] = meanRate(after(growthStart(growing), growing)).interval
      covered += Number(low < lambdaHenon && lambdaHenon < high)
    }
    assert.ok(covered >= 930 && covered <= 980, `from ${epsilon}: ${covered} of 1000`)
  }
})

estimates('meet ln 2 of the logistic map within three standard errors', () => {
  const next = random(5)
  let x = 0.5 + 0.3 * next()
  let log = 0
  const logs: number[] = []
  for (let t = 0; t < 4096; t++) {
    log += Math.log(Math.abs(4 - 8 * x))
    logs.push(log)
    x = 4 * x * (1 - x)
  }
  const { value, interval } = meanRate(curveOf(logs))
  near(value, Math.LN2, (3 * (interval[1] - value)) / 2.364624251592784)
})

estimates("factor a Gram as QR's R, and say where rounding hides a column", () => {
  const next = random(8)
  const columns = Array.from({ length: 3 }, () => Array.from({ length: 7 }, next))
  const gram = (of: number[][]): Float64Array => {
    const p = new Float64Array(packed(of.length, 0))
    of.forEach((x, m) => {
      for (let q = 0; q <= m; q++) {
        p[packed(m, q)] = x.reduce((sum, value, i) => sum + value * of[q]![i]!, 0)
      }
    })
    return p
  }
  // Gram-Schmidt
  const basis: number[][] = []
  const lengths = columns.map((column) => {
    let rest = column
    for (const q of basis) {
      const along = rest.reduce((sum, value, i) => sum + value * q[i]!, 0)
      rest = rest.map((value, i) => value - along * q[i]!)
    }
    const length = Math.hypot(...rest)
    basis.push(rest.map((value) => value / length))
    return length
  })
  const diagonal = cholesky(gram(columns), [0, 1, 2], 3)
  lengths.forEach((length, i) => {
    near(diagonal[i]!, length, 1e-14)
  })
  const picked = cholesky(gram(columns), [2], 3)
  near(picked[0]!, Math.hypot(...columns[2]!), 1e-14)
  assert.ok(Number.isNaN(picked[1]))
  const copied = cholesky(
    gram([columns[0]!, columns[0]!.map((v) => 3 * v), columns[2]!]),
    [0, 1, 2],
    3
  )
  assert.ok(Number.isNaN(copied[1]), 'a dependent column')
  assert.ok(copied[2]! > 0, 'one that follows it')
})

estimates.run()
