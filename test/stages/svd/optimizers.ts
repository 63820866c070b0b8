// Steps of weights that share nothing but an optimizer's rule, and the same with two directions that all share.
import { gaussian } from '../cmd/walks.ts'

type Rule = (count: number, sizes: Float64Array, next: () => number) => () => Float64Array

/** Steps of `count` weights, one at each call, under white gradients. */
export const rules: { readonly [kind: string]: Rule } = {
  sgd: (_, sizes, next) => () => sizes.map((size) => size * next()),
  'ar .95': (count, sizes, next) => {
    const x = new Float64Array(count)
    let scale = 1
    return () => {
      for (let i = 0; i < count; i++) x[i] = 0.95 * x[i]! + scale * sizes[i]! * next()
      scale = Math.sqrt(1 - 0.95 ** 2)
      return x.slice()
    }
  },
  momentum: (count, sizes, next) => {
    const b = new Float64Array(count)
    return () => b.map((value, i) => (b[i] = 0.9 * value + sizes[i]! * next()))
  },
  nesterov: (count, sizes, next) => {
    const b = new Float64Array(count)
    return () =>
      b.map((value, i) => {
        const g = sizes[i]! * next()
        b[i] = 0.9 * value + g
        return g + 0.9 * b[i]!
      })
  },
  rmsprop: (count, sizes, next) => {
    const v = new Float64Array(count)
    return () =>
      v.map((value, i) => {
        const g = sizes[i]! * next()
        v[i] = 0.99 * value + 0.01 * g * g
        return g / (Math.sqrt(v[i]!) + 1e-8)
      })
  },
  adam: (count, sizes, next) => adam(count, sizes, next, () => 1),
  'adamw, warm-up': (count, sizes, next) =>
    adam(
      count,
      sizes,
      next,
      (t) => Math.min(1, t / 100) * 0.5 * (1 + Math.cos((0.9 * Math.PI * t) / 200))
    ),
}

function adam(
  count: number,
  sizes: Float64Array,
  next: () => number,
  rate: (t: number) => number
): () => Float64Array {
  const b = new Float64Array(count)
  const v = new Float64Array(count)
  let t = 0
  return () => {
    t++
    return b.map((value, i) => {
      const g = sizes[i]! * next()
      b[i] = 0.9 * value + 0.1 * g
      v[i] = 0.999 * v[i]! + 0.001 * g * g
      const size = Math.sqrt(v[i]! / (1 - 0.999 ** t)) + 1e-8
      return (rate(t) * b[i]!) / (1 - 0.9 ** t) / size
    })
  }
}

export interface Steps {
  readonly weights: number
  readonly steps: number
  /** Of the logarithm of the gradients' sizes. */
  readonly spread: number
  /** The part of the energy that lies in two directions that all weights share. */
  readonly share: number
}

/** A run of independent weights, but for what they share. */
export function stepsOf(
  kind: string,
  { weights, steps, spread, share }: Steps,
  seed: number
): Float64Array[] {
  const next = gaussian(seed)
  const sizes = Float64Array.from({ length: weights }, () => 1e-3 * Math.exp(spread * next()))
  const rule = rules[kind]!
  const own = rule(weights, sizes, next)
  const alone = Array.from({ length: steps }, own)
  if (share === 0) return alone
  const both = rule(2, Float64Array.of(1, 1), next)
  const clocks = Array.from({ length: steps }, both)
  const directions = [0, 1].map(() => Float64Array.from({ length: weights }, next))
  const joint = clocks.map((clock) =>
    directions[0]!.map((value, i) => clock[0]! * value + clock[1]! * directions[1]![i]!)
  )
  const energy = (rows: readonly Float64Array[]): number =>
    rows.reduce((sum, row) => sum + row.reduce((own, value) => own + value * value, 0), 0)
  const scale = Math.sqrt((share / (1 - share)) * (energy(alone) / energy(joint)))
  return alone.map((row, t) => row.map((value, i) => value + scale * joint[t]![i]!))
}
