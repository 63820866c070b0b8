// Motion that goes on for ever and is regular: cycles, tori, and what only looks like chaos.
import { Random } from '../../../../src/node/train/random.ts'
import { type Advance, type Simulation, settled, simulate } from '../simulate.ts'
import { situations } from '../situation.ts'
import { uniform } from './maps.ts'

const golden = (Math.sqrt(5) - 1) / 2

const onto =
  (map: Advance, start: (random: Random) => Float64Array, rest: Partial<Simulation> = {}) =>
  (seed: number) =>
    simulate({
      map,
      start: start(new Random(seed, 7)),
      steps: 800,
      sizes: [1e-10, 1e-7],
      seed,
      ...rest,
    })

const near =
  (centre: readonly number[], spread = 0.3) =>
  (random: Random) =>
    Float64Array.from(centre, (value) => value + spread * (random.uniform() - 0.5))

/** A Hopf bifurcation's cycle about (3, 0): radius towards 1 at a rate, angle by `turn` and more with the radius. */
const hopf =
  (rate: number, turn: number, shear: number, noise = 0): Advance =>
  ([x, y], _t, draw) => {
    const [a, b] = [x! - 3, y!]
    const r2 = a * a + b * b
    const grown = 1 + rate * (1 - r2)
    const angle = turn + shear * (1 - r2)
    const [c, s] = [grown * Math.cos(angle), grown * Math.sin(angle)]
    const shaken = noise > 0 ? draw(2) : new Float64Array(2)
    return Float64Array.of(
      3 + c * a - s * b + noise * shaken[0]!,
      s * a + c * b + noise * shaken[1]!
    )
  }

/** Chirikov's map with regular motion: little K, points of circles. */
const standard =
  (k: number): Advance =>
  ([a, b, c, d]) => {
    const q = Math.atan2(b!, a!)
    const p = Math.atan2(d!, c!) + k * Math.sin(q)
    return Float64Array.of(Math.cos(q + p), Math.sin(q + p), Math.cos(p), Math.sin(p))
  }
const onCircles =
  (q: number, p: number, spread: number) =>
  (random: Random): Float64Array => {
    const [a, b] = [q + spread * (random.uniform() - 0.5), p + spread * (random.uniform() - 0.5)]
    return Float64Array.of(Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b))
  }

/** A pendulum by leapfrog, (angle as a point of a circle, momentum): regular, and close to its separatrix. */
const pendulum: Advance = ([a, b, p]) => {
  let [q, v] = [Math.atan2(b!, a!), p!]
  for (let k = 0; k < 4; k++) {
    v -= 0.025 * Math.sin(q)
    q += 0.05 * v
    v -= 0.025 * Math.sin(q)
  }
  return Float64Array.of(Math.cos(q), Math.sin(q), v)
}

/** A strange attractor that is not chaotic (Grebogi, Ott, Pelikan, Yorke 1984): x is driven along a torus, and contracts. */
const driven: Advance = ([x, a, b]) => {
  const angle = Math.atan2(b!, a!)
  const next = angle + 2 * Math.PI * golden
  return Float64Array.of(3 * Math.tanh(x!) * Math.cos(angle), Math.cos(next), Math.sin(next))
}

/** Exchanges of intervals: no two neighbours part until a cut lies between them. */
const exchange: Advance = ([q]) => {
  const at = q! - 1
  const moved = at < 0.4 * golden ? at + 1 - 0.4 * golden : at - 0.4 * golden
  return Float64Array.of(1 + moved)
}

/** Two oscillators of which the first drives the second past resonance. */
const beats: Advance = ([a, b, c, d]) => {
  const [cosine, sine] = [Math.cos(0.2), Math.sin(0.2)]
  const [fast, faster] = [Math.cos(0.203), Math.sin(0.203)]
  return Float64Array.of(
    cosine * a! - sine * b!,
    sine * a! + cosine * b!,
    fast * c! - faster * d! + 0.05 * a!,
    faster * c! + fast * d!
  )
}

export const regularSituations = [
  ...situations(
    { truth: 'other', right: 'neutral insufficient expanding', isDecidable: false },
    {
      'cycle of Hopf, near it': onto(hopf(0.05, 0.3, 0), near([4, 0], 0.1)),
      'cycle of Hopf, shear': onto(hopf(0.02, 0.3, 0.2), near([4, 0], 0.4)),
      'cycle of Hopf, shear, shared noise': onto(hopf(0.05, 0.3, 0.2, 0.005), near([4, 0], 0.4)),
      'standard map K 0.3, a torus': onto(standard(0.3), onCircles(1, 2, 0.6)),
      'standard map K 0.6, an island': onto(standard(0.6), onCircles(3.14, 0.1, 1)),
      'pendulum within its separatrix': onto(pendulum, (random) =>
        Float64Array.of(Math.cos(3), Math.sin(3), 0.02 * random.uniform())
      ),
      'pendulum beyond its separatrix': onto(pendulum, (random) =>
        Float64Array.of(1, 0, 2.0001 + 0.01 * random.uniform())
      ),
      'exchange of intervals': onto(exchange, near([1.5], 0.8)),
      'beats of two oscillators': onto(beats, near([1, 0, 1, 0]), { steps: 1500 }),
    }
  ),
  ...situations(
    {
      truth: 'other',
      right: 'neutral insufficient expanding contracting',
      isDecidable: false,
    },
    {
      'driven, strange and not chaotic': (seed) =>
        onto(driven, () => settled(driven, Float64Array.of(uniform(seed, 0.2, 1), 1, 0), 500))(
          seed
        ),
    }
  ),
]
