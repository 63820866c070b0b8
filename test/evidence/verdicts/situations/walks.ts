// Separations given outright, beside a steady run of norm 1: what no small map does on demand.
import { Random } from '../../../../src/node/train/random.ts'
import { type Recorded, situations } from '../situation.ts'

const dimensions = 8

/** Members whose separations from member 0 are e to such logarithms, each along a direction of its own. */
function parted(seed: number, logs: readonly (readonly number[])[], growth?: number[]): Recorded {
  const random = new Random(seed, 11)
  const direction = (from: number, to: number): Float64Array => {
    const v = new Float64Array(dimensions).map((_, i) =>
      i >= from && i < to ? random.normal() : 0
    )
    const size = Math.hypot(...v)
    return v.map((x) => x / size)
  }
  const zero = logs[0]!.map(() => {
    const moved = direction(1, 8)
    const length = 0.3 * Math.exp(0.2 * random.normal())
    return moved.map((v, i) => length * v + (i === 0 ? 1 : 0))
  })
  const twins = logs.map((own) => {
    const along = direction(1, 8)
    return zero.map((w, t) => w.map((v, i) => v + Math.exp(own[t]!) * along[i]!))
  })
  return { members: [zero, ...twins], ...(growth ? { growth } : {}) }
}

/** Logarithms that grow by such increments up to saturation, where each twin goes its own way. */
function saturating(
  seed: number,
  sizes: readonly number[],
  increments: (t: number, k: number) => number,
  steps: number
) {
  const random = new Random(seed, 12)
  return sizes.map((size, k) => {
    const logs = [Math.log(size)]
    for (let t = 0; t < steps; t++) {
      logs.push(Math.min(logs[t]! + increments(t, k), -0.3 + 0.3 * random.normal()))
    }
    return logs
  })
}

/** Growth whose rate is drawn anew at each step, the same for all twins. */
export const cocycle =
  (rate: number, deviation: number, steps: number, sizes: readonly number[]) => (seed: number) => {
    const random = new Random(seed, 13)
    const shared = Array.from({ length: steps }, () => rate + deviation * random.normal())
    return parted(
      seed,
      saturating(seed, sizes, (t) => shared[t]!, steps),
      shared
    )
  }

export interface Stairs {
  /** How many jumps there are, on average. */
  readonly jumps: number
  readonly sizes: readonly number[]
  readonly steps?: number
  /** Standard deviation of the small random steps beside them. */
  readonly beside?: number
  /** Whether all twins jump at once, else each by itself, as separations of finite size do. */
  readonly alike?: boolean
}

/** A compound Poisson process: jumps of exponential sizes at random steps that make up a growth of 4 to 25 e-foldings. */
export const staircase =
  ({ jumps, sizes, steps = 400, beside = 0.01, alike = false }: Stairs) =>
  (seed: number): Recorded => {
    const random = new Random(seed, 14)
    const grown = 4 + 21 * random.uniform()
    const own = sizes.map(() => {
      const increments = Array.from({ length: steps }, () => beside * random.normal())
      const lengths = Array.from(
        { length: Math.max(1, poisson(jumps, random)) },
        () => -Math.log(1 - random.uniform())
      )
      const whole = lengths.reduce((a, b) => a + b, 0)
      for (const length of lengths) {
        increments[Math.floor(steps * random.uniform())]! += (grown * length) / whole
      }
      return increments
    })
    return parted(
      seed,
      saturating(seed, sizes, (t, k) => own[alike ? 0 : k]![t]!, steps)
    )
  }

function poisson(mean: number, random: Random): number {
  let count = 0
  for (let left = mean; ; count++) {
    left += Math.log(1 - random.uniform())
    if (left < 0) return count
  }
}

/** Rates without mean that remember nine tenths of the last one. */
export const persistent =
  (steps: number, sizes: readonly number[]) =>
  (seed: number): Recorded => {
    const random = new Random(seed, 16)
    let rate = 0
    const shared = Array.from({ length: steps }, () => (rate = 0.9 * rate + 0.05 * random.normal()))
    return parted(
      seed,
      saturating(seed, sizes, (t) => shared[t]!, steps)
    )
  }

/** Long rests, and bursts of growth of ten steps: intermittent, and yet the same for both twins. */
const bursts =
  (rests: number, steps: number) =>
  (seed: number): Recorded => {
    const random = new Random(seed, 15)
    const rates = Array.from({ length: steps }, () => 0)
    for (let t = 0; t < steps; t += 10 + Math.ceil(-Math.log(1 - random.uniform()) * rests)) {
      for (let k = t; k < Math.min(steps, t + 10); k++) rates[k] = 0.15 + 0.1 * random.normal()
    }
    return parted(
      seed,
      saturating(seed, [1e-12, 1e-9], (t) => rates[t]!, steps),
      rates
    )
  }

const two = [1e-11, 1e-9]

export const walkSituations = [
  ...situations(
    { truth: 'chaos', right: 'chaotic' },
    {
      'rates 0.02 ± 0.05': cocycle(0.02, 0.05, 2000, [1e-12, 1e-9]),
      'rates 0.05 ± 0.2': cocycle(0.05, 0.2, 1000, [1e-12, 1e-9]),
      'bursts, rests of 20': bursts(20, 1500),
    }
  ),
  ...situations(
    { truth: 'chaos', right: 'chaotic expanding insufficient', isDecidable: false },
    { 'rates 0.02 ± 0.3': cocycle(0.02, 0.3, 3000, [1e-12, 1e-9]) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral insufficient', isDecidable: false },
    {
      'rates 0 ± 0.1': cocycle(0, 0.1, 1000, [1e-7, 1e-4]),
      'rates 0 ± 0.3': cocycle(0, 0.3, 1000, [1e-7, 1e-4]),
    }
  ),
  ...situations(
    { truth: 'contraction', right: 'contracting insufficient', isDecidable: false },
    { 'rates -0.02 ± 0.3': cocycle(-0.02, 0.3, 1500, [1e-7, 1e-4]) }
  ),
  ...situations(
    { truth: 'other', right: 'expanding insufficient neutral', isDecidable: false },
    {
      'staircase of 3, one twin': staircase({ jumps: 3, sizes: [1e-9] }),
      'staircase of 3, two twins': staircase({ jumps: 3, sizes: two }),
      'staircase of 3, alike': staircase({ jumps: 3, sizes: two, alike: true }),
      'staircase of 8, one twin': staircase({ jumps: 8, sizes: [1e-9] }),
      'staircase of 8, two twins': staircase({ jumps: 8, sizes: two }),
      'staircase of 40, one twin': staircase({ jumps: 40, sizes: [1e-9], steps: 1500 }),
      'staircase of 40, two twins': staircase({ jumps: 40, sizes: two, steps: 1500 }),
    }
  ),
]
