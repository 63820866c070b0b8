// What trainers do: schedules, clipping, signs of gradients, 16 bits, networks with memory, runs that stop or break.
import { type Advance, type Simulation, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'
import { count, curvatures, normals } from './maps.ts'
import { firstWeights, planted, type Recipe, trainer } from './networks.ts'

type Rest = Partial<Simulation>

const from =
  (map: Advance, rest: Rest = {}, scale = 1) =>
  (seed: number): Recorded =>
    simulate({
      map,
      start: normals(seed).map((v) => scale * v),
      steps: 500,
      sizes: [1e-8, 1e-6],
      seed,
      ...rest,
    })

const gradient = (z: Float64Array): Float64Array => z.map((v, i) => curvatures[i]! * v)
const lengthOf = (v: Float64Array): number => Math.hypot(...v)

/** Descent at a rate by step, with noise that is shared. */
const descent =
  (rate: (t: number) => number, noise = 0): Advance =>
  (z, t, draw) => {
    const g = gradient(z)
    const shaken = draw(count)
    return z.map((v, i) => v - rate(t) * (g[i]! + noise * shaken[i]!))
  }

const signs: Advance = (z, t) => z.map((v) => v - 0.01 * 0.995 ** t * Math.sign(v))
const noisySigns: Advance = (z, _t, draw) => {
  const [g, shaken] = [gradient(z), draw(count)]
  return z.map((v, i) => v - 0.003 * Math.sign(g[i]! + 0.3 * shaken[i]!))
}

/** Steps no longer than `most`. */
const clipped =
  (rate: number, most: number): Advance =>
  (z) => {
    const g = gradient(z)
    const share = Math.min(1, most / (rate * lengthOf(g)))
    return z.map((v, i) => v - share * rate * g[i]!)
  }

/** Weights kept to eight bits, as in bf16, and sent as f32. */
const coarse = (map: Advance): Advance => {
  const round = (v: number): number => {
    if (v === 0) return 0
    const unit = 2 ** (Math.floor(Math.log2(Math.abs(v))) - 7)
    return unit * Math.round(v / unit)
  }
  return (z, t, draw) => map(z, t, draw).map(round)
}

/** Rates that rise by so many e-foldings over so many steps (a range test), or from restart to restart. */
const rising = (t: number): number => 1e-4 * Math.exp((9 * t) / 500)
const restarts = (t: number): number => 0.02 + 0.6 * (1 + Math.cos((Math.PI * (t % 50)) / 50))

/** Recorded with NaN in member 0 (or a twin) for a few steps. */
const broken =
  (run: (seed: number) => Recorded, member: number, at: readonly number[]) =>
  (seed: number): Recorded => {
    const recorded = run(seed)
    const members = recorded.members.map((states, m) =>
      states.map((z, t) =>
        m === member && at.includes(t) ? z.map((v, i) => (i === 3 ? Number.NaN : v)) : z
      )
    )
    return { ...recorded, members }
  }

/** The first twin is member 0 itself, or the second is the first. */
const alike =
  (run: (seed: number) => Recorded, order: readonly number[]) =>
  (seed: number): Recorded => {
    const recorded = run(seed)
    return { ...recorded, members: order.map((m) => recorded.members[m]!) }
  }

/** Memory of an optimizer beside the weights: makes a step of a gradient and so many numbers for each weight. */
type Optimizer = (g: number, memory: Float64Array, t: number) => number
const momentum: Optimizer = (g, memory) => {
  memory[0] = 0.9 * memory[0]! + g
  return memory[0]!
}
const adam: Optimizer = (g, memory, t) => {
  memory[0] = 0.9 * memory[0]! + 0.1 * g
  memory[1] = 0.999 * memory[1]! + 0.001 * g * g
  return memory[0]! / (1 - 0.9 ** (t + 1)) / (Math.sqrt(memory[1]! / (1 - 0.999 ** (t + 1))) + 1e-8)
}
const sign: Optimizer = (g) => Math.sign(g)

interface Kind extends Rest {
  readonly unit?: 'relu' | 'tanh'
  readonly batch?: number
  readonly rate: (t: number) => number
  readonly optimizer: Optimizer
  readonly coarse?: boolean
}

/** A network of 20, 32 and 10 units under an optimizer. */
const net =
  ({ unit = 'relu', batch = 32, rate, optimizer, coarse: isCoarse, ...rest }: Kind) =>
  (seed: number): Recorded => {
    const recipe: Recipe = { unit, sizes: [20, 32, 10], rate: 1, ...(batch ? { batch } : {}) }
    const step = trainer(planted(batch ? 512 : 128, 0), recipe, seed)
    const weights = firstWeights(recipe, seed)
    const n = weights.length
    const advance: Advance = (z, t, draw) => {
      const before = z.subarray(0, n)
      const next = step(before, t, draw)
      const out = z.slice()
      for (let i = 0; i < n; i++) {
        const memory = Float64Array.of(z[n + i]!, z[2 * n + i]!)
        out[i] = before[i]! - rate(t) * optimizer(before[i]! - next[i]!, memory, t)
        out[n + i] = memory[0]!
        out[2 * n + i] = memory[1]!
      }
      return out
    }
    const map = isCoarse ? coarse(advance) : advance
    const start = new Float64Array(3 * n)
    start.set(weights)
    return simulate({ map, start, weights: n, steps: 300, sizes: [1e-7, 1e-5], seed, ...rest })
  }

const constant = (value: number) => (): number => value

const cubicMap: Advance = (z) =>
  z.map((v, i) => (i === 0 ? v - 1.8 * (v ** 3 - v) : v * (1 - 0.5 * Math.min(curvatures[i]!, 1))))
const cubic = (steps: number) => from(cubicMap, { steps, sizes: [1e-12, 1e-9] }, 0.5)

const walk: Advance = (z, _t, draw) => {
  const shaken = draw(count)
  return z.map((v, i) => v + 0.01 * shaken[i]!)
}

/** A twin that falls off a ridge long after the run has come to rest beside it. */
const ridge: Advance = (z) =>
  z.map((v, i) => (i === 0 ? v + 0.02 * (v * v - 0.25) * (v > 3 ? 0 : 1) : 0.98 * v))
const onRidge = (seed: number): Recorded => {
  const start = normals(seed)
  start[0] = 0.5 - 1e-6
  return simulate({ map: ridge, start, steps: 900, sizes: [1e-7, 1e-5], aligned: true, seed })
}

export const trainingSituations = [
  ...situations(
    { truth: 'contraction', right: 'contracting neutral insufficient', isDecidable: false },
    {
      'rate falls as 1 / t': from(descent((t) => 1 / (1 + t))),
      'rate falls as 1 / √t, noise': from(descent((t) => 1 / Math.sqrt(1 + t), 0.1)),
      'rate halves every 50 steps, noise': from(descent((t) => 0.5 ** Math.floor(t / 50), 0.1)),
      'rate falls to 0 and the run freezes': from(descent((t) => (t < 60 ? 1 : 0))),
      'rate restarts, above the edge for a while': from(descent(restarts, 0.01)),
      'rate rises by e⁹': from(descent(rising)),
      'clipped descent': from(clipped(0.5, 0.02), { steps: 800 }),
      'quadratic, 20 steps': from(descent(constant(0.5)), { steps: 20 }),
      'quadratic, 40 steps, noise': from(descent(constant(0.5), 0.1), { steps: 40 }),
      'quadratic, NaN in the run': broken(from(descent(constant(1), 0.01)), 0, [100, 101]),
      'quadratic, NaN in a twin': broken(from(descent(constant(1), 0.01)), 1, [100, 101]),
      'quadratic, a twin like the run': alike(from(descent(constant(1), 0.01)), [0, 0, 1]),
      'quadratic, twins alike': alike(from(descent(constant(1), 0.01)), [0, 1, 1]),
    }
  ),
  ...situations(
    { truth: 'other', right: 'neutral insufficient expanding', isDecidable: false },
    {
      'signs, rate decays': from(signs),
      'signs of noisy gradients': from(noisySigns),
      'a frozen network': from((z) => z.slice()),
      'walk, 30 steps': from(walk, { steps: 30 }),
      'walks of their own, undeclared, 60 steps': from(walk, { steps: 60, ownNoise: true }),
      'kept to 8 bits, descent': from(coarse(descent(constant(0.02), 0.1)), {
        dtype: 'f32',
        sizes: [3e-6, 3e-4],
      }),
      'kept to 8 bits, walk': from(coarse(walk), { dtype: 'f32', sizes: [3e-6, 3e-4] }),
      'a twin off a ridge, late': onRidge,
    }
  ),
  ...situations(
    {
      truth: 'other',
      right: 'neutral insufficient expanding contracting',
      isDecidable: false,
    },
    {
      'relu, momentum': net({ optimizer: momentum, rate: constant(0.03) }),
      'relu, Adam, f32': net({
        optimizer: adam,
        rate: constant(0.003),
        dtype: 'f32',
        sizes: [3e-6, 3e-4],
      }),
      'relu, signs': net({ optimizer: sign, rate: constant(0.001) }),
      'relu, rate rises by e⁷': net({
        optimizer: momentum,
        rate: (t) => 1e-4 * Math.exp((7 * t) / 300),
      }),
      'relu, rate halves': net({ optimizer: momentum, rate: (t) => 0.05 * 0.5 ** (t / 60) }),
      'relu, 50 steps': net({ optimizer: momentum, rate: constant(0.03), steps: 50 }),
      'relu, kept to 8 bits': net({
        optimizer: momentum,
        rate: constant(0.03),
        coarse: true,
        dtype: 'f32',
        sizes: [3e-6, 3e-4],
      }),
      'tanh, Adam': net({ unit: 'tanh', optimizer: adam, rate: constant(0.003) }),
    }
  ),
  ...situations(
    { truth: 'mixed', right: 'diverging expanding insufficient contracting', isDecidable: false },
    {
      'descends, then diverges': from(
        descent((t) => (t < 300 ? 0.5 : 1.35)),
        { steps: 500 }
      ),
    }
  ),
  ...situations(
    { truth: 'chaos', right: 'chaotic expanding insufficient', isDecidable: false },
    {
      'cubic among 100, 25 steps': cubic(25),
      'cubic among 100, NaN in the run': broken(cubic(400), 0, [150, 151]),
      'cubic among 100, a twin like the run': alike(cubic(400), [0, 0, 1]),
    }
  ),
]
