// Singular values by one-sided Jacobi (Hestenes): columns are rotated until all are orthogonal; their norms are the values.
// It never forms a Gram matrix, so it shares neither method nor rounding with the stage.

type Rows = ArrayLike<number>

/** Singular values of the matrix with these columns, largest first. */
export function singularValuesOf(columns: readonly Rows[]): number[] {
  const length = columns[0]?.length ?? 0
  const a =
    columns.length <= length
      ? columns.map((column) => Float64Array.from(column))
      : Array.from({ length }, (_, i) => Float64Array.from(columns, (column) => column[i]!))
  for (let sweep = 0, isOrthogonal = false; !isOrthogonal; sweep++) {
    if (sweep === 60) throw new Error('one-sided Jacobi did not converge')
    isOrthogonal = true
    for (let p = 0; p < a.length; p++) {
      for (let q = p + 1; q < a.length; q++) {
        if (orthogonalise(a[p]!, a[q]!)) isOrthogonal = false
      }
    }
  }
  return a.map((column) => Math.hypot(...column)).sort((x, y) => y - x)
}

/** Rotates two columns until they are orthogonal; false if they were. */
function orthogonalise(x: Float64Array, y: Float64Array): boolean {
  let xx = 0
  let yy = 0
  let xy = 0
  for (let i = 0; i < x.length; i++) {
    xx += x[i]! * x[i]!
    yy += y[i]! * y[i]!
    xy += x[i]! * y[i]!
  }
  if (Math.abs(xy) <= 1e-14 * Math.sqrt(xx) * Math.sqrt(yy)) return false
  const angle = Math.atan2(2 * xy, xx - yy) / 2
  const c = Math.cos(angle)
  const s = Math.sin(angle)
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!
    x[i] = c * v + s * y[i]!
    y[i] = c * y[i]! - s * v
  }
  return true
}
