// Descents into quadratics and the like: contraction, by many optimizers and schedules, and what looks like one.
import { type Advance, type Simulation, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'
import { count, curvatures, normals, uniform } from './maps.ts'

type Rest = Partial<Simulation>

const runs =
  (map: Advance, rest: Rest = {}, state = 1) =>
  (seed: number): Recorded => {
    const start = new Float64Array(state * count)
    start.set(normals(seed))
    return simulate({ map, start, weights: count, steps: 500, sizes: [1e-4, 1e-2], seed, ...rest })
  }

/** Gradient descent on a quadratic: learning rates by step, noise in the gradient that members share. */
const bowl = (rate: (t: number) => number = () => 1, noise = 0): Advance => {
  return (z, t, draw) => {
    const shaken = noise > 0 ? draw(count) : undefined
    return z.map((v, i) => v - rate(t) * curvatures[i]! * v + (shaken ? noise * shaken[i]! : 0))
  }
}

/** Weights and velocities. */
const momentum = (rate: number, beta: number, noise = 0, nesterov = false): Advance => {
  return (z, _t, draw) => {
    const out = new Float64Array(2 * count)
    const shaken = noise > 0 ? draw(count) : undefined
    for (let i = 0; i < count; i++) {
      const [w, v] = [z[i]!, z[count + i]!]
      const at = nesterov ? w + beta * v : w
      const next = beta * v - rate * curvatures[i]! * at + (shaken ? noise * shaken[i]! : 0)
      out[i] = w + next
      out[count + i] = next
    }
    return out
  }
}

/** Weights, first and second moments. */
const adam: Advance = (z, t) => {
  const out = new Float64Array(3 * count)
  for (let i = 0; i < count; i++) {
    const g = curvatures[i]! * z[i]!
    const m = 0.9 * z[count + i]! + 0.1 * g
    const v = 0.999 * z[2 * count + i]! + 0.001 * g * g
    const step = m / (1 - 0.9 ** (t + 1)) / (Math.sqrt(v / (1 - 0.999 ** (t + 1))) + 1e-8)
    out.set([z[i]! - 0.01 * step], i)
    out[count + i] = m
    out[2 * count + i] = v
  }
  return out
}

/** All return at step 200 to where they began, in one delta. */
function restarting(seed: number): Recorded {
  const starts: Float64Array[] = []
  let calls = 0
  const members = 3
  const map: Advance = (z, t) => {
    const member = calls++ % members
    if (t === 0) starts[member] = z.slice()
    return t === 200 ? starts[member]!.slice() : z.map((v, i) => v * (1 - curvatures[i]!))
  }
  return runs(map, { steps: 400 })(seed)
}

const periodTwo = (seed: number): Recorded => {
  const map: Advance = ([q]) => Float64Array.of(q! - 1.1 * (q! ** 3 - q!), 1)
  const start = Float64Array.of(uniform(seed, 0.5, 0.9), 1)
  return simulate({ map, start, steps: 400, sizes: [1e-6, 1e-4], seed })
}

/** Growth without exponent: weights that others push along a chain of so many, as t to that power. */
const shear = (power: number) => (seed: number) => {
  const map: Advance = (z) =>
    z.map((v, i) => (i % (power + 1) < power && i < 90 ? v + 0.3 * z[i + 1]! : v))
  const start = normals(seed)
  for (let i = 0; i < 90; i++) start[i] = 0
  return simulate({ map, start, steps: 1500, sizes: [1e-9, 1e-7], seed })
}

/** |μ| = 0.95 throughout, and a chain of twelve that grows for long before it shrinks. */
const nonNormal = (sizes: readonly number[]) =>
  runs((z) => z.map((v, i) => 0.95 * v + (i < 12 ? 0.45 * z[i + 1]! : 0)), { steps: 600, sizes })

const flat =
  (h: (i: number) => number): Advance =>
  (z) =>
    z.map((v, i) => v - h(i) * v + 0.01)

const randomRates: Advance = (z, _t, draw) => {
  const rate = 0.98 + 0.1 * draw(1)[0]!
  const shaken = draw(count)
  return z.map((v, i) => v * rate + 0.01 * shaken[i]!)
}

const cosine = (t: number): number => 0.5 * (1 + Math.cos((Math.PI * t) / 500))

export const bowlSituations = [
  ...situations(
    { truth: 'contraction', right: 'contracting' },
    {
      quadratic: runs(bowl()),
      'quadratic, one twin': runs(bowl(), { sizes: [1e-3] }),
      'quadratic, shared noise': runs(bowl(undefined, 0.01)),
      'quadratic, shared noise, f32': runs(bowl(undefined, 0.01), { dtype: 'f32' }),
      'quadratic, periodic rate': runs(bowl((t) => 0.65 + 0.55 * Math.cos((Math.PI * t) / 20))),
      'quadratic, rate drops': runs(bowl((t) => (t < 250 ? 1 : 0.5), 0.01)),
      'quadratic, warmup and cosine': runs(bowl((t) => Math.min(1, t / 50) * cosine(t))),
      'heavy ball': runs(momentum(0.5, 0.9), { steps: 600, sizes: [1e-6, 1e-4] }, 2),
      'heavy ball, shared noise': runs(momentum(0.5, 0.9, 0.01), { steps: 600 }, 2),
      Nesterov: runs(momentum(0.5, 0.9, 0, true), { steps: 600 }, 2),
      'random rates, shared': runs(randomRates, { steps: 800, sizes: [1e-5, 1e-3] }),
      'period two': periodTwo,
    }
  ),
  ...situations(
    {
      truth: 'contraction',
      right: 'contracting neutral insufficient expanding',
      isDecidable: false,
    },
    {
      'Adam on a quadratic': runs(adam, { steps: 800, sizes: [1e-6, 1e-4] }, 3),
      'plateau after a drop': runs((z, t) => (t < 12 ? z.map((v) => 0.55 * v) : z.slice()), {
        steps: 400,
      }),
      'restart within a delta': restarting,
    }
  ),
  ...situations(
    {
      truth: 'contraction',
      right: 'contracting insufficient expanding',
      isDecidable: false,
    },
    { 'non-normal one': nonNormal([1e-8]), 'non-normal two': nonNormal([1e-10, 1e-8]) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral' },
    {
      drift: runs(
        flat(() => 0),
        { sizes: [1e-6, 1e-4] }
      ),
      'half of all directions flat': runs(
        flat((i) => (i % 2 ? curvatures[i]! * 0.05 : 0)),
        {
          sizes: [1e-6, 1e-4],
        }
      ),
      'shared walk': runs((z, _t, draw) => draw(count).map((v, i) => z[i]! + 0.01 * v), {
        steps: 400,
        sizes: [1e-6, 1e-4],
      }),
      'shear, t': shear(1),
      'shear, t²': shear(2),
    }
  ),
  ...situations(
    { truth: 'other', right: 'noise-driven contracting' },
    {
      'noise of their own, declared': runs(bowl(undefined, 0.01), {
        coupled: false,
        ownNoise: true,
      }),
      'walks of their own, declared': runs(
        (z, _t, draw) => draw(count).map((v, i) => z[i]! + 0.01 * v),
        { steps: 400, coupled: false, ownNoise: true, sizes: [1e-6, 1e-4] }
      ),
    }
  ),
  ...situations(
    { truth: 'other', right: 'noise-driven neutral insufficient expanding', isDecidable: false },
    {
      'noise of their own, undeclared': runs(bowl(undefined, 0.01), {
        steps: 400,
        ownNoise: true,
        sizes: [1e-6, 1e-4],
      }),
      'walks of their own, undeclared': runs(
        (z, _t, draw) => draw(count).map((v, i) => z[i]! + 0.01 * v),
        { steps: 400, ownNoise: true, sizes: [1e-6, 1e-4] }
      ),
      'faint walks of their own, undeclared': faintWalks([1e-12]),
      'faint walks of their own, undeclared, two': faintWalks([1e-12, 1e-9]),
    }
  ),
]

function faintWalks(sizes: readonly number[]) {
  return (seed: number) => {
    const centre = normals(seed)
    const map: Advance = (z, _t, draw) => {
      const shaken = draw(count)
      return z.map((v, i) => v + 1e-7 * shaken[i]! - 0.01 * curvatures[i]! * (v - centre[i]!))
    }
    return simulate({ map, start: centre, steps: 3000, sizes, ownNoise: true, seed })
  }
}
