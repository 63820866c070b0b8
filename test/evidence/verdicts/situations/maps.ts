// Maps whose exponents are known: bounded chaos, and the windows without chaos in between.
import { Random } from '../../../../src/node/train/random.ts'
import { type Advance, type Simulation, settled, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'

/** Two twins in f64, a thousand times apart in size. */
export const two = [1e-12, 1e-9] as const
const one = [1e-12] as const

export const uniform = (seed: number, low: number, high: number): number =>
  low + (high - low) * new Random(seed, 7).uniform()

/** A map of one weight beside one that stays 1. */
const single =
  (f: (q: number) => number): Advance =>
  ([q]) =>
    Float64Array.of(f(q!), 1)

type Rest = Partial<Simulation> & Pick<Simulation, 'steps' | 'sizes'>

/** Twins on the attractor of a map, where a start in a box of such bounds has come after so many steps. */
function onAttractor(
  map: Advance,
  [low, high]: readonly [number, number],
  rest: Rest,
  settles = 300,
  zeros = 1
): (seed: number) => Recorded {
  return (seed) => {
    const start = Float64Array.of(uniform(seed, low, high), ...Array(zeros).fill(0))
    return simulate({ map, start: settled(map, start, settles), follows: true, seed, ...rest })
  }
}

const logistic = (r: number, rest: Rest, settles?: number) =>
  onAttractor(
    single((q) => r * q * (1 - q)),
    [0.3, 0.6],
    rest,
    settles
  )

const henonMap: Advance = ([x, y]) => Float64Array.of(1 - 1.4 * x! * x! + y!, 0.3 * x!)
const henon = (rest: Rest) => onAttractor(henonMap, [-0.1, 0.1], rest)

/** Hundred weights in bowls of many curvatures, of which the first follows a map of its own. */
export const count = 100
export const curvatures = Float64Array.from(
  { length: count },
  (_, i) => 0.02 * 80 ** (i / (count - 1))
)
export const normals = (seed: number, length = count): Float64Array => {
  const random = new Random(seed, 3)
  return new Float64Array(length).map(() => random.normal())
}

const cubicMap: Advance = (z) =>
  z.map((v, i) => (i === 0 ? v - 1.8 * (v ** 3 - v) : v * (1 - 0.5 * Math.min(curvatures[i]!, 1))))
const cubic =
  (sizes: readonly number[], steps = 400) =>
  (seed: number) => {
    const start = normals(seed)
    start[0] = uniform(seed, 0.5, 0.9)
    return simulate({ map: cubicMap, start, steps, sizes, follows: true, seed })
  }

/** Chirikov's standard map, angle and momentum as points of circles. */
const standard = (k: number) => (seed: number) => {
  const map: Advance = ([a, b, c, d]) => {
    const q = Math.atan2(b!, a!)
    const p = Math.atan2(d!, c!) + k * Math.sin(q)
    return Float64Array.of(Math.cos(q + p), Math.sin(q + p), Math.cos(p), Math.sin(p))
  }
  const random = new Random(seed, 7)
  const [q, p] = [random.uniform() - 0.5, random.uniform() - 0.5]
  const start = Float64Array.of(Math.cos(q), Math.sin(q), Math.cos(p), Math.sin(p))
  return simulate({ map, start, steps: 300, sizes: two, follows: true, seed })
}

const sites = 64
/** A ring of logistic maps, coupled to their neighbours. */
const latticeMap: Advance = (z) => {
  const g = z.map((x) => 1 - 1.8 * x * x)
  return g.map((x, i) => 0.7 * x + 0.15 * (g[(i + 1) % sites]! + g[(i + sites - 1) % sites]!))
}
const lattice =
  (sizes: readonly number[], dtype: 'f32' | 'f64' = 'f64', aligned = false) =>
  (seed: number) => {
    const random = new Random(seed, 7)
    const start = new Float64Array(sites).map(() => 2 * random.uniform() - 1)
    return simulate({
      map: latticeMap,
      start: settled(latticeMap, start, 300),
      steps: 400,
      sizes,
      dtype,
      aligned,
      follows: true,
      seed,
    })
  }

/** Ikeda's map of a plane, u = 0.9, about a point away from zero. */
const ikedaMap: Advance = ([x, y]) => {
  const [a, b] = [x! - 3, y!]
  const t = 0.4 - 6 / (1 + a * a + b * b)
  const [c, s] = [Math.cos(t), Math.sin(t)]
  return Float64Array.of(4 + 0.9 * (a * c - b * s), 0.9 * (a * s + b * c))
}

/** Logistic, with a parameter that is drawn anew at each step, alike for all members. */
const randomLogistic: Advance = ([q], _step, draw) => {
  const r = Math.min(3.98, 3.8 + 0.05 * draw(1)[0]!)
  return Float64Array.of(r * q! * (1 - q!), 1)
}

const tent = (steps: number) =>
  onAttractor(
    single((q) => 1 - 1.99 * Math.abs(q)),
    [-0.5, 0.5],
    { steps, sizes: two }
  )
const pomeauManneville = (z: number, steps: number) =>
  onAttractor(
    single((q) => (q + q ** z) % 1),
    [0.1, 0.9],
    { steps, sizes: two }
  )

export const mapSituations = [
  ...situations(
    { truth: 'chaos', right: 'chaotic' },
    {
      ...Object.fromEntries(
        [3.6, 3.65, 3.7, 3.75, 3.8, 3.9, 4].flatMap((r) => [
          [`logistic ${r} one`, logistic(r, { steps: 300, sizes: one })],
          [`logistic ${r} two`, logistic(r, { steps: 300, sizes: two })],
        ])
      ),
      ...Object.fromEntries(
        [3.57, 3.58, 3.5925, 3.828].map((r) => [
          `logistic ${r} two`,
          logistic(r, { steps: 1500, sizes: two }),
        ])
      ),
      'henon one': henon({ steps: 400, sizes: one }),
      'henon two': henon({ steps: 400, sizes: two }),
      'cubic among 100 one': cubic([1e-10]),
      'cubic among 100 two': cubic(two),
      'lattice of 64 one': lattice([1e-10]),
      'lattice of 64 two': lattice(two),
      'lattice of 64 two, one direction': lattice(two, 'f64', true),
      'lattice of 64 two, f32': lattice([1e-5, 1e-3], 'f32'),
      'ikeda two': onAttractor(ikedaMap, [3.2, 3.6], { steps: 300, sizes: two }),
      'logistic, random parameter': onAttractor(randomLogistic, [0.3, 0.6], {
        steps: 300,
        sizes: two,
      }),
      tent: tent(300),
    }
  ),
  ...situations(
    { truth: 'chaos', right: 'chaotic expanding insufficient' },
    { 'standard map K 4': standard(4), 'standard map K 10': standard(10) }
  ),
  ...situations(
    { truth: 'chaos', right: 'chaotic expanding insufficient', isDecidable: false },
    {
      'henon two, f32': henon({ steps: 400, sizes: [3e-6, 3e-4], dtype: 'f32' }),
      'henon cut after 45 steps': henon({ steps: 45, sizes: two }),
      'tent cut after 30 steps': tent(30),
      'Pomeau-Manneville 1.6': pomeauManneville(1.6, 2000),
      'Pomeau-Manneville 1.3': pomeauManneville(1.3, 1000),
    }
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting' },
    Object.fromEntries(
      [3.55, 3.74, 3.84].map((r) => [
        `logistic ${r}, a stable cycle`,
        logistic(r, { steps: 600, sizes: [1e-8, 1e-5] }, 3000),
      ])
    )
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting insufficient', isDecidable: false },
    {
      'logistic 3.8319, superstable': logistic(3.8319, { steps: 600, sizes: [1e-8, 1e-5] }, 3000),
    }
  ),
]
