// One run alone, read by `local-linear`: what contracts, and what only looks as if it did.
import { Random } from '../../../../src/node/train/random.ts'
import type { Advance } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'

const rows = 40

/** Weights that follow a map along a few directions, about a point of their own. */
const along =
  (
    map: Advance,
    start: (random: Random) => Float64Array,
    steps = 600,
    read = (z: Float64Array) => z
  ) =>
  (seed: number): Recorded => {
    const random = new Random(seed, 21)
    let z = start(random)
    const shown = read(z).length
    const basis = Array.from({ length: shown }, () =>
      new Float64Array(rows).map(() => random.normal() / Math.sqrt(rows))
    )
    const draw = (length: number): Float64Array =>
      new Float64Array(length).map(() => random.normal())
    const states: Float64Array[] = []
    for (let t = 0; t <= steps; t++) {
      const own = read(z)
      states.push(
        new Float64Array(rows).map((_, i) =>
          own.reduce((sum, v, k) => sum + v * basis[k]![i]!, 0.3)
        )
      )
      z = map(z, t, draw)
    }
    return { members: [states] }
  }

const multipliers = [0.995, 0.99, 0.97, 0.9, 0.6]
const ones = (): Float64Array => Float64Array.from(multipliers, () => 1)
const bowl =
  (noise: number): Advance =>
  (z, _t, draw) => {
    const shaken = draw(z.length)
    return z.map((v, i) => multipliers[i]! * v + noise * shaken[i]!)
  }
const turning = (modulus: number, angle: number): Advance => {
  const [c, s] = [modulus * Math.cos(angle), modulus * Math.sin(angle)]
  return ([x, y]) => Float64Array.of(c * x! - s * y!, s * x! + c * y!)
}
const walk =
  (drift: number): Advance =>
  (z, _t, draw) => {
    const shaken = draw(z.length)
    return z.map((v, i) => v + drift + 0.01 * shaken[i]!)
  }
const uniform =
  (low: number, high: number, zeros = 0) =>
  (random: Random) =>
    Float64Array.of(low + (high - low) * random.uniform(), ...Array(zeros).fill(0))
const single =
  (f: (q: number) => number): Advance =>
  ([q]) =>
    Float64Array.of(f(q!))
const logistic = (r: number): Advance => single((q) => r * q * (1 - q))
const cubic = single((q) => q - 1.8 * (q ** 3 - q))
const henon: Advance = ([x, y]) => Float64Array.of(1 - 1.4 * x! * x! + y!, 0.3 * x!)
/** Positions and velocities of a heavy ball in five directions, of which positions are seen. */
const ball: Advance = (z) => {
  const out = new Float64Array(10)
  for (let i = 0; i < 5; i++) {
    const v = 0.9 * z[5 + i]! - 0.05 * (i + 1) * z[i]!
    out[i] = z[i]! + v
    out[5 + i] = v
  }
  return out
}
const lorenz: Advance = (z) => {
  let [x, y, w] = [z[0]!, z[1]!, z[2]!]
  for (let k = 0; k < 20; k++) {
    const [a, b, c] = [10 * (y - x), x * (28 - w) - y, x * y - (8 / 3) * w]
    x += 0.005 * a
    y += 0.005 * b
    w += 0.005 * c
  }
  return Float64Array.of(x, y, w)
}
/** A second-order oscillation, of which one direction shows. */
const first = (z: Float64Array): Float64Array => z.subarray(0, 1)

const zeros = (count: number) => (): Float64Array => new Float64Array(count)
const two = (): Float64Array => Float64Array.of(1, 0)
const method = 'local-linear'

export const aloneSituations = [
  ...situations(
    { truth: 'contraction', right: 'contracting', method },
    {
      'alone: quadratic': along(bowl(0), ones),
      'alone: quadratic, faint noise': along(bowl(1e-4), ones),
      'alone: decaying rotation': along(turning(0.99, 0.3), two),
    }
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting insufficient', isDecidable: false, method },
    {
      'alone: noise about a minimum': along(bowl(0.03), zeros(5)),
      'alone: heavy ball': along(ball, (random) =>
        new Float64Array(10).map((_, i) => (i < 5 ? random.normal() : 0))
      ),
      'alone: decaying oscillation, one direction': along(turning(0.99, 1.2), two, 600, first),
    }
  ),
  ...situations(
    { truth: 'other', right: 'expanding insufficient', method, isDecidable: false },
    {
      'alone: growing oscillation, one direction': along(turning(1.005, 1.2), two, 600, first),
      'alone: slow growing oscillation, one direction': along(
        turning(1.005, 0.05),
        two,
        600,
        first
      ),
    }
  ),
  ...situations(
    { truth: 'other', right: 'expanding', method },
    { 'alone: growing rotation': along(turning(1.01, 0.3), two) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral insufficient', isDecidable: false, method },
    {
      'alone: walk, one direction': along(walk(0), zeros(1)),
      'alone: walk, three directions': along(walk(0), zeros(3)),
      'alone: walk with drift': along(walk(0.003), zeros(2)),
      'alone: descent into a flat minimum': along(
        single((q) => q - 0.1 * q ** 3),
        uniform(0.8, 1.2)
      ),
    }
  ),
  ...situations(
    { truth: 'chaos', right: 'insufficient', isDecidable: false, method },
    {
      'alone: cubic': along(cubic, uniform(0.5, 0.9)),
      ...Object.fromEntries(
        [3.58, 3.6, 3.7, 3.8, 4].map((r) => [
          `alone: logistic ${r}`,
          along(logistic(r), uniform(0.3, 0.6)),
        ])
      ),
      'alone: henon': along(henon, uniform(-0.1, 0.1, 1)),
      'alone: lorenz': along(lorenz, (random) =>
        Float64Array.of(random.normal(), random.normal(), 20)
      ),
    }
  ),
]
