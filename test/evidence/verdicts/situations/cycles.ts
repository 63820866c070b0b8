// Limit cycles on the way to them, where a direction without an exponent hides among others that shrink, and what is like
// them but does contract.
import { Random } from '../../../../src/node/train/random.ts'
import { type Advance, type Simulation, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'

const approaching =
  (map: Advance, centre: readonly number[], spread: number, rest: Partial<Simulation> = {}) =>
  (seed: number): Recorded => {
    const random = new Random(seed, 7)
    return simulate({
      map,
      start: Float64Array.from(centre, (value) => value + spread * random.normal()),
      steps: 800,
      sizes: [1e-10, 1e-7],
      seed,
      ...rest,
    })
  }

/** A plane's map about (3, 0), and so many weights more that shrink by a factor each. */
const among =
  (plane: (a: number, b: number) => readonly [number, number], factor = 0, noise = 0): Advance =>
  (z, _t, draw) => {
    const shaken = noise > 0 ? draw(z.length) : undefined
    const [a, b] = plane(z[0]! - 3, z[1]!)
    return z.map((v, i) => {
      const next = i === 0 ? 3 + a : i === 1 ? b : factor * v
      return shaken ? next + noise * shaken[i]! : next
    })
  }

/** Radius towards 1 at a rate, by `turn` a step. */
const hopf =
  (rate: number, turn: number) =>
  (a: number, b: number): readonly [number, number] => {
    const grown = 1 + rate * (1 - a * a - b * b)
    const [c, s] = [grown * Math.cos(turn), grown * Math.sin(turn)]
    return [c * a - s * b, s * a + c * b]
  }

/** A spiral into the centre. */
const spiral =
  (size: number, turn: number) =>
  (a: number, b: number): readonly [number, number] => {
    const [c, s] = [size * Math.cos(turn), size * Math.sin(turn)]
    return [c * a - s * b, s * a + c * b]
  }

/** Oscillation with damping that feeds small swings (van der Pol), by short steps. */
const vanDerPol =
  (strength: number) =>
  (a: number, b: number): readonly [number, number] => {
    for (let k = 0; k < 10; k++) {
      b += 0.02 * (strength * (1 - a * a) * b - a)
      a += 0.02 * b
    }
    return [a, b]
  }

/** Delayed logistic map beyond its Neimark-Sacker bifurcation, (x, the x before). */
const delayed: Advance = ([x, before]) => Float64Array.of(2.05 * x! * (1 - before!), x!)

/** A damped oscillator that a rhythm drives: it moves for ever, and forgets where it began. */
const driven =
  (hardness: number): Advance =>
  ([x, v], t) => {
    let [a, b] = [x! - 3, v!]
    for (let k = 0; k < 10; k++) {
      b += 0.03 * (0.4 * Math.cos(0.3 * (t + k / 10)) - 0.2 * b - a - hardness * a ** 3)
      a += 0.03 * b
    }
    return Float64Array.of(3 + a, b)
  }

/** Weights of which a few neither shrink nor grow, and all others shrink, with noise that is shared. */
const flat =
  (few: number): Advance =>
  (z, _t, draw) => {
    const shaken = draw(z.length)
    return z.map((v, i) => (i < few ? v : 0.95 * v) + 0.01 * shaken[i]!)
  }

const [beside, thousand] = [
  [4, 0],
  [4, 0, ...Array(998).fill(0)],
]

export const cycleSituations = [
  ...situations(
    { truth: 'other', right: 'neutral insufficient expanding', isDecidable: false },
    {
      'cycle of Hopf, one twin': approaching(among(hopf(0.05, 0.3)), beside, 0.03, {
        sizes: [1e-8],
      }),
      'cycle of Hopf, slow approach': approaching(among(hopf(0.01, 0.3)), beside, 0.03, {
        steps: 1500,
      }),
      'cycle of Hopf, half a turn': approaching(among(hopf(0.02, 0.004)), beside, 0.03),
      'cycle of Hopf, faint shared noise': approaching(
        among(hopf(0.03, 0.3), 0, 0.002),
        beside,
        0.03
      ),
      'cycle of Hopf from its centre': approaching(among(hopf(0.03, 0.5)), [3.1, 0], 0.02),
      'cycle of Hopf among a thousand': approaching(among(hopf(0.05, 0.3), 0.9), thousand, 0.03),
      'cycle of Hopf among a thousand, one twin': approaching(
        among(hopf(0.05, 0.3), 0.9),
        thousand,
        0.03,
        { sizes: [1e-8] }
      ),
      'one flat direction of a thousand': approaching(flat(1), thousand, 0.5, { steps: 500 }),
      'five flat directions of a thousand': approaching(flat(5), thousand, 0.5, { steps: 500 }),
      'weak van der Pol, approached': approaching(among(vanDerPol(0.1)), [5, 0], 0.1),
      'van der Pol, approached': approaching(among(vanDerPol(0.5)), [5, 0], 0.1),
      'delayed logistic map, a circle': approaching(delayed, [0.55, 0.5], 0.02),
    }
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting' },
    {
      'slow spiral': approaching(among(spiral(0.99, 0.3)), beside, 0.1),
      'slow spiral, shared noise': approaching(among(spiral(0.985, 0.3), 0, 0.01), beside, 0.1),
      'slow spiral, few turns': approaching(among(spiral(0.985, 0.02)), beside, 0.1),
      'driven oscillator': approaching(driven(0), beside, 0.3, { steps: 500 }),
      'driven oscillator, hardening': approaching(driven(0.3), beside, 0.3, { steps: 500 }),
    }
  ),
]
