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
  if (dtype === 'f32' || dtype === 'f64') {
    const values = new { f32: Float32Array, f64: Float64Array }[dtype](elements)
    const next = (weights: Float32Array) => {
      let moved = false
      for (let i = 0; i < elements; i++) {
        values[i] = weights[i]! - sent[i]!
        const value = values[i]!
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
