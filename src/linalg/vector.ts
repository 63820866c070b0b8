/** into += factor x */
export function add(into: Float64Array, x: Float64Array, factor = 1): void {
  for (let i = 0; i < into.length; i++) into[i]! += factor * x[i]!
}

/** into += factor x yᵀ, by rows. */
export function addOuter(into: Float64Array, x: Float64Array, y: Float64Array, factor = 1): void {
  for (let i = 0, at = 0; i < x.length; i++) {
    const scaled = factor * x[i]!
    for (let j = 0; j < y.length; j++, at++) into[at]! += scaled * y[j]!
  }
}

/** ‖x‖. */
export function norm(x: Float64Array): number {
  let sum = 0
  for (let i = 0; i < x.length; i++) sum += x[i]! * x[i]!
  return Math.sqrt(sum)
}

/** Exchanges the `length` values from i on with those from j on. */
export function exchange(values: Float64Array, i: number, j: number, length: number): void {
  for (let c = 0; c < length; c++) {
    const kept = values[i + c]!
    values[i + c] = values[j + c]!
    values[j + c] = kept
  }
}
