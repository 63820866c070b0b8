// Flows, sampled as a trainer's steps would be, and Hamiltonian motion.
import { Random } from '../../../../src/node/train/random.ts'
import { type Advance, settled, simulate } from '../simulate.ts'
import { situations } from '../situation.ts'
import { two } from './maps.ts'

type Field = (z: Float64Array) => Float64Array

/** So many steps of the classical Runge-Kutta method. */
function flow(field: Field, h: number, times: number): Advance {
  return (z) => {
    for (let k = 0; k < times; k++) {
      const at = (slope: Float64Array, share: number): Float64Array =>
        field(z.map((value, i) => value + share * h * slope[i]!))
      const a = field(z)
      const b = at(a, 0.5)
      const c = at(b, 0.5)
      const d = at(c, 1)
      z = z.map((value, i) => value + (h / 6) * (a[i]! + 2 * b[i]! + 2 * c[i]! + d[i]!))
    }
    return z
  }
}

const lorenz: Field = ([x, y, z]) =>
  Float64Array.of(10 * (y! - x!), x! * (28 - z!) - y!, x! * y! - (8 / 3) * z!)
const rossler: Field = ([x, y, z]) =>
  Float64Array.of(-y! - z!, x! + 0.2 * y!, 0.2 + z! * (x! - 5.7))
/** Rigid rotation of four planes, each at a rate of its own. */
const rotation: Field = (z) =>
  z.map((_, i) => (1 + Math.floor(i / 2) / 3) * (i % 2 ? z[i - 1]! : -z[i + 1]!))
/** Van der Pol's oscillation about (3, 0). */
const vanDerPol: Field = ([x, y]) => Float64Array.of(y!, (1 - (x! - 3) ** 2) * y! - (x! - 3))

const flowing =
  (
    field: Field,
    start: (random: Random) => Float64Array,
    h: number,
    times: number,
    steps: number
  ) =>
  (seed: number) => {
    const map = flow(field, h, times)
    const settles = Math.ceil(40 / (h * times))
    const first = settled(map, start(new Random(seed, 7)), settles)
    return simulate({ map, start: first, steps, sizes: two, follows: true, seed })
  }

const near = (centre: readonly number[], spread: number) => (random: Random) =>
  Float64Array.from(centre, (value) => value + spread * random.normal())

export const flowSituations = [
  ...situations(
    { truth: 'chaos', right: 'chaotic' },
    {
      'lorenz, 0.02 a step': flowing(lorenz, near([0, 0, 20], 5), 0.02, 1, 2500),
      'lorenz, 0.1 a step': flowing(lorenz, near([0, 0, 20], 5), 0.02, 5, 600),
      'rossler, 0.5 a step': flowing(rossler, near([1, 1, 0], 0.5), 0.05, 10, 1500),
    }
  ),
  ...situations(
    { truth: 'other', right: 'neutral insufficient' },
    { rotations: flowing(rotation, near([1, 0, 1, 0, 1, 0, 1, 0], 0.2), 0.1, 1, 400) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral contracting insufficient' },
    { 'van der Pol, a limit cycle': flowing(vanDerPol, near([4, 0], 0.3), 0.05, 2, 600) }
  ),
]
