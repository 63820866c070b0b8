// Growth that ends, and runs that run away: exponential without being chaos.
import { type Advance, type Simulation, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'
import { count, curvatures, normals, uniform } from './maps.ts'

/** Loss (x² - 1)² / 4 in one weight, bowls in the others. */
const saddle: Advance = (z) =>
  z.map((v, i) => (i === 0 ? v - 0.1 * (v ** 3 - v) : v * (1 - 0.1 * Math.min(curvatures[i]!, 1))))

const leaving =
  (at: number, sizes: readonly number[], steps: number, map = saddle) =>
  (seed: number): Recorded => {
    const start = normals(seed)
    start[0] = at
    return simulate({ map, start, steps, sizes, seed })
  }

const noisySaddle: Advance = (z, t, draw) => {
  const shaken = draw(count)
  return saddle(z, t, draw).map((v, i) => (i > 0 ? v + 1e-3 * shaken[i]! : v))
}

/** Rates of escape that change at random, but alike for all members. */
const unsteadySaddle: Advance = (z, _t, draw) => {
  const rate = 0.1 * Math.max(0, 1 + 0.7 * draw(1)[0]!)
  return z.map((v, i) =>
    i === 0 ? v - rate * (v ** 3 - v) : v * (1 - 0.1 * Math.min(curvatures[i]!, 1))
  )
}

/** Ten weights that leave their saddles one after another. */
const cascade: Advance = (z) =>
  z.map((v, i) => (i < 10 ? v - 0.1 * (v ** 3 - v) : v * (1 - 0.1 * Math.min(curvatures[i]!, 1))))
const cascading = (seed: number): Recorded => {
  const start = normals(seed)
  for (let i = 0; i < 10; i++) start[i] = 10 ** -(1 + i)
  return simulate({ map: cascade, start, steps: 600, sizes: [1e-10, 1e-8], seed })
}

/** A quadratic with one direction whose curvature times learning rate exceeds 2. */
const divergence =
  (curvature: number, steps: number, rest: Partial<Simulation> = {}) =>
  (seed: number): Recorded => {
    const h = curvatures.slice()
    h[count - 1] = curvature
    const map: Advance = (z, _t, draw) => {
      const shaken = rest.coupled ? draw(count) : undefined
      return z.map((v, i) => v - h[i]! * v + (shaken ? 1e-3 * shaken[i]! : 0))
    }
    const start = normals(seed).map((v) => 0.1 * v)
    return simulate({ map, start, steps, sizes: [1e-8, 1e-6], seed, ...rest })
  }

/** Oscillation that grows about a point: |μ| = 1.01, turned by 0.3 a step. */
const spiral = (seed: number): Recorded => {
  const [c, s] = [1.01 * Math.cos(0.3), 1.01 * Math.sin(0.3)]
  const map: Advance = (z) =>
    z.map((v, i) => (i === 0 ? c * v - s * z[1]! : i === 1 ? s * z[0]! + c * v : v))
  const start = normals(seed)
  return simulate({ map, start, steps: 700, sizes: [1e-8, 1e-6], seed })
}

/** A point about which an oscillation grows until it is a cycle that lasts: radius 1 about (3, 0). */
const bornCycle = (seed: number): Recorded => {
  const map: Advance = ([x, y]) => {
    const [a, b] = [x! - 3, y!]
    const left = 1 - a * a - b * b
    const [angle, size] = [0.3 + 0.1 * left, 1 + 0.02 * left]
    const [c, s] = [size * Math.cos(angle), size * Math.sin(angle)]
    return Float64Array.of(3 + c * a - s * b, s * a + c * b)
  }
  const start = Float64Array.of(3 + 1e-3 * uniform(seed, 0.5, 1.5), 0)
  return simulate({ map, start, steps: 800, sizes: [1e-10, 1e-7], seed })
}

/** A learning rate that is too high for a while. */
const edge = (seed: number): Recorded => {
  const h = curvatures.slice()
  h[count - 1] = 2.1
  const map: Advance = (z, t) => z.map((v, i) => v - (t >= 100 && t < 220 ? 1 : 0.4) * h[i]! * v)
  return simulate({ map, start: normals(seed), steps: 500, sizes: [1e-7, 1e-5], seed })
}

const grows = 'expanding insufficient diverging'

export const saddleSituations = [
  ...situations(
    { truth: 'other', right: 'expanding insufficient' },
    { 'cycle born out of its centre': bornCycle }
  ),
  ...situations(
    { truth: 'other', right: `${grows} contracting` },
    {
      'saddle, one': leaving(1e-4, [1e-8], 500),
      'saddle, two': leaving(1e-4, [1e-10, 1e-8], 500),
      'saddle, from 1e-9': leaving(1e-9, [1e-12, 1e-10], 500),
      'saddle, noise in the others': leaving(1e-9, [1e-11, 1e-9], 600, noisySaddle),
      'saddle, unsteady rates': leaving(1e-9, [1e-12, 1e-10], 500, unsteadySaddle),
      'ten saddles': cascading,
      'learning rate too high for a while': edge,
      // The other directions shrink first, which is all there is to see of it for a hundred steps.
      'divergence 1.01': divergence(2.01, 1500),
    }
  ),
  ...situations(
    { truth: 'other', right: grows },
    {
      'saddle cut, one': leaving(1e-4, [1e-6], 90),
      'saddle cut, two': leaving(1e-4, [1e-8, 1e-6], 90),
      'saddle, twins on two sides': leaving(1e-9, [1e-9, 1e-7], 600),
      'divergence 1.05': divergence(2.05, 300),
      'divergence 1.05, long': divergence(2.05, 2000),
      'divergence 1.05, shared noise': divergence(2.05, 300, { coupled: true }),
      'growing oscillation': spiral,
    }
  ),
]
