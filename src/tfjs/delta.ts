import { fromBf16, fromF16, toBf16, toF16 } from '../wire/dtype.ts'
import type { Dtype } from '../wire/frame.ts'

/**
 * What one tensor has moved by since it was last sent. `sent` is where a reader of the stream believes the tensor to be:
 * it moves by the deltas as they were rounded, so that each delta makes up for the rounding of those before it.
 */
export interface Difference {
  /** Takes the weights themselves as sent. */
  reset(weights: Float32Array): void
  /** The next delta, in a buffer that the next call reuses; null when nothing has moved. */
  next(weights: Float32Array): Float32Array | Float64Array | Uint8Array | null
}

/** Differences of a tensor with so many elements, in one element type. */
export function difference(elements: number, dtype: Dtype): Difference {
  const sent = new Float64Array(elements)
  const reset = (weights: Float32Array) => sent.set(weights)
  if (dtype === 'f32') {
    const values = new Float32Array(elements)
    const next = (weights: Float32Array) => {
      moveSingle(weights, sent, values)
      return values.some((value) => value !== 0) ? values : null
    }
    return { reset, next }
  }
  if (dtype === 'f64') {
    const values = new Float64Array(elements)
    const next = (weights: Float32Array) => {
      let moved = false
      for (let i = 0; i < elements; i++) {
        const value = weights[i]! - sent[i]!
        values[i] = value
        sent[i]! += value
        moved ||= value !== 0
      }
      return moved ? values : null
    }
    return { reset, next }
  }
  const { to, from } = { f16: { to: toF16, from: fromF16 }, bf16: { to: toBf16, from: fromBf16 } }[
    dtype
  ]
  const bits = new Uint8Array(2 * elements)
  const next = (weights: Float32Array) => {
    let moved = false
    for (let i = 0; i < elements; i++) {
      const pattern = to(weights[i]! - sent[i]!)
      const value = from(pattern)
      bits[2 * i] = pattern
      bits[2 * i + 1] = pattern >>> 8
      sent[i]! += value
      moved ||= value !== 0
    }
    return moved ? bits : null
  }
  return { reset, next }
}

/**
 * The deltas of all elements in f32, and `sent` moved by them. Four at a time take half as long as one: training has
 * driven both arrays out of the caches, and four loads are on their way at once.
 */
function moveSingle(weights: Float32Array, sent: Float64Array, values: Float32Array): void {
  const { length } = values
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
  }
  for (; i < length; i++) {
    const value = Math.fround(weights[i]! - sent[i]!)
    values[i] = value
    sent[i]! += value
  }
}
