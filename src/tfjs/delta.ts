import { fromBf16, fromF16, toBf16, toF16 } from '../wire/dtype.ts'
import type { Dtype } from '../wire/frame.ts'

/**
 * How far one tensor has moved since it was last sent. `sent` is the tensor as a reader of the stream knows it: it moves by the
 * rounded deltas, so each delta corrects the rounding of those before it.
 */
export interface Difference {
  /** Whether the last delta was finite in every element. */
  readonly isFinite: boolean
  /** Takes the weights themselves as what was sent. */
  reset(weights: Float32Array): void
  /** The next delta, in a buffer that the next call reuses. Null if nothing has moved. */
  next(weights: Float32Array): Float32Array | Float64Array | Uint8Array | null
}

/** Differences of a tensor with this many elements, in one element type. */
export function difference(elements: number, dtype: Dtype): Difference {
  const sent = new Float64Array(elements)
  const { values, move } = mover(elements, dtype, sent)
  const own = {
    isFinite: true,
    reset: (weights: Float32Array): void => sent.set(weights),
    next(weights: Float32Array) {
      const sum = move(weights)
      own.isFinite = Number.isFinite(sum)
      return sum === 0 ? null : values
    },
  }
  return own
}

/** Writes the deltas of all elements to `values`, moves `sent` by them, and returns the sum of their magnitudes. */
function mover(elements: number, dtype: Dtype, sent: Float64Array) {
  if (dtype === 'f32') {
    const values = new Float32Array(elements)
    return { values, move: (weights: Float32Array) => moveSingle(weights, sent, values) }
  }
  if (dtype === 'f64') {
    const values = new Float64Array(elements)
    const move = (weights: Float32Array): number => {
      let sum = 0
      for (let i = 0; i < elements; i++) {
        const value = weights[i]! - sent[i]!
        values[i] = value
        sent[i]! += value
        sum += Math.abs(value)
      }
      return sum
    }
    return { values, move }
  }
  const { to, from } = { f16: { to: toF16, from: fromF16 }, bf16: { to: toBf16, from: fromBf16 } }[
    dtype
  ]
  const values = new Uint8Array(2 * elements)
  const move = (weights: Float32Array): number => {
    let sum = 0
    for (let i = 0; i < elements; i++) {
      const pattern = to(weights[i]! - sent[i]!)
      const value = from(pattern)
      values[2 * i] = pattern
      values[2 * i + 1] = pattern >>> 8
      sent[i]! += value
      sum += Math.abs(value)
    }
    return sum
  }
  return { values, move }
}

/**
 * The same in f32. Four elements at a time take half as long as one: training has driven both arrays out of the caches, and this
 * way four loads run at once.
 */
function moveSingle(weights: Float32Array, sent: Float64Array, values: Float32Array): number {
  const { length } = values
  let sum = 0
  let i = 0
  for (; i + 3 < length; i += 4) {
    const a = sent[i]!
    const b = sent[i + 1]!
    const c = sent[i + 2]!
    const d = sent[i + 3]!
    const u = Math.fround(weights[i]! - a)
    const v = Math.fround(weights[i + 1]! - b)
    const w = Math.fround(weights[i + 2]! - c)
    const x = Math.fround(weights[i + 3]! - d)
    values[i] = u
    values[i + 1] = v
    values[i + 2] = w
    values[i + 3] = x
    sent[i] = a + u
    sent[i + 1] = b + v
    sent[i + 2] = c + w
    sent[i + 3] = d + x
    sum += Math.abs(u) + Math.abs(v) + (Math.abs(w) + Math.abs(x))
  }
  for (; i < length; i++) {
    const value = Math.fround(weights[i]! - sent[i]!)
    values[i] = value
    sent[i]! += value
    sum += Math.abs(value)
  }
  return sum
}
