// Small networks under gradient descent: kinks that finite separations cross, and the edge of stability.
import { Random } from '../../../../src/node/train/random.ts'
import { type Advance, simulate } from '../simulate.ts'
import { type Recorded, situations } from '../situation.ts'

interface Samples {
  readonly inputs: readonly Float64Array[]
  readonly labels: readonly number[]
}

export interface Recipe {
  readonly unit: 'relu' | 'tanh' | 'sigmoid'
  readonly sizes: readonly [inputs: number, hidden: number, classes: number]
  readonly rate: number
  readonly batch?: number
}

/** The network's weights [W1 (inputs x hidden), b1, W2 (hidden x classes), b2] one step on; softmax, cross-entropy. */
export function trainer({ inputs, labels }: Samples, recipe: Recipe, seed: number): Advance {
  const [n, h, c] = recipe.sizes
  const [b1, w2, b2] = [n * h, n * h + h, n * h + h + h * c]
  const { unit, rate, batch } = recipe
  const all = inputs.map((_, i) => i)
  const picked = (t: number): readonly number[] => {
    if (batch === undefined) return all
    const random = new Random(seed, 1000 + t)
    return Array.from({ length: batch }, () => Math.floor(random.uniform() * inputs.length))
  }
  return (z, t) => {
    const samples = picked(t)
    const out = z.slice()
    const hidden = new Float64Array(h)
    const slope = new Float64Array(h)
    const scores = new Float64Array(c)
    const share = rate / samples.length
    for (const s of samples) {
      const x = inputs[s]!
      for (let j = 0; j < h; j++) {
        let a = z[b1 + j]!
        for (let i = 0; i < n; i++) a += x[i]! * z[i * h + j]!
        const y =
          unit === 'relu' ? Math.max(0, a) : unit === 'tanh' ? Math.tanh(a) : 1 / (1 + Math.exp(-a))
        hidden[j] = y
        slope[j] = unit === 'relu' ? Number(a > 0) : unit === 'tanh' ? 1 - y * y : y * (1 - y)
      }
      let highest = -Infinity
      for (let k = 0; k < c; k++) {
        let a = z[b2 + k]!
        for (let j = 0; j < h; j++) a += hidden[j]! * z[w2 + j * c + k]!
        scores[k] = a
        highest = Math.max(highest, a)
      }
      let whole = 0
      for (let k = 0; k < c; k++) whole += scores[k] = Math.exp(scores[k]! - highest)
      for (let k = 0; k < c; k++) {
        const error = share * (scores[k]! / whole - Number(k === labels[s]))
        scores[k] = error
        out[b2 + k]! -= error
      }
      for (let j = 0; j < h; j++) {
        let back = 0
        for (let k = 0; k < c; k++) {
          back += scores[k]! * z[w2 + j * c + k]!
          out[w2 + j * c + k]! -= scores[k]! * hidden[j]!
        }
        back *= slope[j]!
        if (back === 0) continue
        out[b1 + j]! -= back
        for (let i = 0; i < n; i++) out[i * h + j]! -= back * x[i]!
      }
    }
    return out
  }
}

export function firstWeights({ unit, sizes: [n, h, c] }: Recipe, seed: number): Float64Array {
  const random = new Random(seed, 3)
  const draw = (count: number, limit: number): number[] =>
    Array.from({ length: count }, () =>
      unit === 'sigmoid' ? random.normal() : limit * (2 * random.uniform() - 1)
    )
  return Float64Array.from([
    ...draw(n * h, Math.sqrt(6 / (n + h))),
    ...Array(h).fill(0),
    ...draw(h * c, Math.sqrt(6 / (h + c))),
    ...Array(c).fill(0),
  ])
}

/** Twenty inputs, ten classes that a linear map and some noise choose. */
export function planted(count: number, seed: number): Samples {
  const random = new Random(seed, 4)
  const normals = (length: number): Float64Array =>
    new Float64Array(length).map(() => random.normal())
  const inputs = Array.from({ length: count }, () => normals(20))
  const rows = Array.from({ length: 10 }, () => normals(20))
  const labels = inputs.map((x) => {
    const scores = rows.map((row) =>
      row.reduce((sum, v, i) => sum + v * x[i]!, 0.5 * random.normal())
    )
    return scores.indexOf(Math.max(...scores))
  })
  return { inputs, labels }
}

/** Three classes of 40 with the means and deviations of Fisher's irises, one common factor within a class. */
function irises(seed: number): Samples {
  const random = new Random(seed, 4)
  const means = [
    [5.006, 3.428, 1.462, 0.246],
    [5.936, 2.77, 4.26, 1.326],
    [6.588, 2.974, 5.552, 2.026],
  ]
  const deviations = [
    [0.352, 0.379, 0.174, 0.105],
    [0.516, 0.314, 0.47, 0.198],
    [0.636, 0.322, 0.552, 0.275],
  ]
  const labels = Array.from({ length: 120 }, (_, i) => Math.floor(i / 40))
  const inputs = labels.map((label) => {
    const common = random.normal()
    return Float64Array.from(means[label]!, (mean, i) => {
      return mean + deviations[label]![i]! * (0.7 * common + 0.71 * random.normal())
    })
  })
  return { inputs, labels }
}

const iris =
  (rate: number, steps: number) =>
  (seed: number): Recorded => {
    const recipe: Recipe = { unit: 'sigmoid', sizes: [4, 10, 3], rate }
    const map = trainer(irises(0), recipe, seed)
    return simulate({ map, start: firstWeights(recipe, seed), steps, sizes: [1e-12, 1e-9], seed })
  }

interface Kind {
  readonly batch?: number
  readonly dtype?: 'f32' | 'f64'
  readonly steps?: number
  readonly rate?: number
  readonly aligned?: boolean
}

const net =
  (unit: 'relu' | 'tanh', sizes: readonly number[], kind: Kind = {}) =>
  (seed: number): Recorded => {
    const { batch, dtype = 'f64', steps = 600, rate = 0.3, aligned = false } = kind
    const recipe: Recipe = { unit, sizes: [20, 32, 10], rate, ...(batch ? { batch } : {}) }
    const map = trainer(planted(batch ? 512 : 128, 0), recipe, seed)
    const start = firstWeights(recipe, seed)
    return simulate({ map, start, steps, sizes, dtype, aligned, seed })
  }

const batch = 32

export const networkSituations = [
  ...situations({ truth: 'other', right: 'neutral' }, { 'iris at 0.01': iris(0.01, 1000) }),
  ...situations(
    {
      truth: 'mixed',
      right: 'chaotic expanding insufficient contracting neutral',
      isDecidable: false,
    },
    { 'iris at 1': iris(1, 1000), 'iris at 5': iris(5, 800) }
  ),
  ...situations(
    { truth: 'other', right: 'neutral expanding insufficient contracting', isDecidable: false },
    {
      'relu, batches, 1e-3': net('relu', [1e-3], { batch }),
      'relu, batches, 1e-5': net('relu', [1e-5], { batch }),
      'relu, batches, 1e-9': net('relu', [1e-9], { batch }),
      'relu, batches, 1e-4, f32': net('relu', [1e-4], { batch, dtype: 'f32' }),
      'relu, batches, 1e-6 and 1e-4, f32': net('relu', [1e-6, 1e-4], { batch, dtype: 'f32' }),
      'relu, batches, 1e-5 and 1e-3, f32': net('relu', [1e-5, 1e-3], { batch, dtype: 'f32' }),
      'relu, batches, 1e-7 and 1e-5': net('relu', [1e-7, 1e-5], { batch }),
      'relu, batches, 1e-7 and 1e-5, one direction': net('relu', [1e-7, 1e-5], {
        batch,
        aligned: true,
      }),
      'relu, batches, rate 1, 1e-6 and 1e-4': net('relu', [1e-6, 1e-4], { batch, rate: 1 }),
      'relu, full batch, 1e-5': net('relu', [1e-5]),
      'relu, full batch, 1e-7 and 1e-4': net('relu', [1e-7, 1e-4]),
      'tanh, batches, 1e-5 and 1e-3, f32': net('tanh', [1e-5, 1e-3], { batch, dtype: 'f32' }),
      'tanh, batches, 1e-8 and 1e-5': net('tanh', [1e-8, 1e-5], { batch }),
      'tanh, full batch, 1e-6': net('tanh', [1e-6]),
      'rounding alone, f32': net('tanh', [1e-7], { batch, dtype: 'f32' }),
    }
  ),
]
