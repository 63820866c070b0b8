import { jacobi } from '../../../linalg/jacobi.ts'
import { add, addOuter } from '../../../linalg/vector.ts'
import { emptyMoments, noise, type Pairs } from './pairs.ts'
import { residualsOf } from './residuals.ts'

/** A linear map with an intercept, v ≈ A y + c, in scaled coordinates. */
export interface Operator {
  readonly a: Float64Array
  readonly c: Float64Array
}

/**
 * The least-squares operator of all pairs except those of one part: A = Σ(v - v̄)(y - ȳ)ᵀ (Σ(y - ȳ)(y - ȳ)ᵀ)⁻¹. The sums are added up anew,
 * never subtracted.
 */
export function operatorOf({ size, parts, pairs: all }: Pairs, without?: number): Operator {
  const used = parts.filter((_, b) => b !== without)
  const pairs = used.reduce((sum, part) => sum + part.pairs, 0)
  const total = emptyMoments(size, pairs)
  for (const { y, v, yy, vy } of used) {
    add(total.y, y)
    add(total.v, v)
    add(total.yy, yy)
    add(total.vy, vy)
  }
  addOuter(total.yy, total.y, total.y, -1 / pairs)
  addOuter(total.vy, total.v, total.y, -1 / pairs)
  // Over the whole window the variance is 1 in each direction; without a part, only rounding may be left.
  const a = rightDivide(total.vy, total.yy, size, noise * noise * all)
  const c = total.v.map((value) => value / pairs)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) c[i]! -= (a[i * size + j]! * total.y[j]!) / pairs
  }
  return { a, c }
}

/** B G⁺ for a positive semidefinite G. Directions in which G is not above `least` give zero. */
function rightDivide(b: Float64Array, g: Float64Array, size: number, least: number): Float64Array {
  const { values, vectors } = jacobi(g, size)
  const out = new Float64Array(size * size)
  for (let k = 0; k < size; k++) {
    if (!(values[k]! > least)) continue
    for (let i = 0; i < size; i++) {
      let along = 0
      for (let j = 0; j < size; j++) along += b[i * size + j]! * vectors[j * size + k]!
      for (let j = 0; j < size; j++) {
        out[i * size + j]! += (along * vectors[j * size + k]!) / values[k]!
      }
    }
  }
  return out
}

/** K = diag(lengths) A diag(1 / lengths): the operator on weights, in orthonormal coordinates. */
export function onWeights({ a }: Operator, { lengths, size }: Pairs): Float64Array {
  return a.map((value, at) => (value * lengths[Math.floor(at / size)]!) / lengths[at % size]!)
}

/** Share of the steps' variance, v - y about its mean, that the operator leaves unexplained; NaN if all steps are alike. */
export function unexplainedBy(operator: Operator, pairs: Pairs): number {
  const { points, lengths, size, pairs: count } = pairs
  let left = 0
  let whole = 0
  let common = 0
  residualsOf(operator, pairs).forEach((residuals, k) => {
    const drift = (points[count * size + k]! - points[k]!) / count
    const square = lengths[k]! * lengths[k]!
    for (let t = 0; t < count; t++) {
      const step = points[(t + 1) * size + k]! - points[t * size + k]! - drift
      left += square * residuals[t]! * residuals[t]!
      whole += square * step * step
      common += square * drift * drift
    }
  })
  return whole > noise * noise * common ? left / whole : Number.NaN
}
