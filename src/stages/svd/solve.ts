import { type Eigen, jacobi } from '../../linalg/jacobi.ts'
import { mirrored } from '../../linalg/matrix.ts'
import { norm } from '../../linalg/vector.ts'
import { ThalwegError } from '../../stage/index.ts'
import { type Combination, congruence } from './combine.ts'
import { gramUnit, unit } from './errors/bounds.ts'
import type { Small } from './small.ts'
import type { Entering } from './storing/basis.ts'

/** The eigenvalues of (M W)ᵀ(M W), and a bound of their error by rounding. */
export interface Solution extends Eigen {
  /** (M W)ᵀ(M W), size x size by rows. */
  readonly own: Float64Array
  readonly size: number
  /** Bound of the distance of each eigenvalue from that of the exact matrix. */
  readonly error: number
  /** Bound of the distance (Frobenius) of M W V from M W turned by an exactly orthogonal matrix. */
  readonly turn: number
}

/**
 * Solves for C = MᵀM (packed upper triangle) and the combination W, and verifies the solution: residual and orthogonality are measured, not
 * assumed. With c_i the norms and s = ‖|W|ᵀ c‖, rounding in C and in WᵀCW is below a multiple of u s² in every norm used here. `single`
 * tells that products in C were rounded to f32.
 *
 * @param squares of the norms of B's columns if these are known to be orthogonal; then only the other columns' part of s² counts
 */
export function solve(
  { gram, norms }: Pick<Entering, 'gram' | 'norms'>,
  combination: Combination,
  single: boolean,
  where: string,
  small: Small,
  squares = new Float64Array()
): Solution {
  const { size } = combination
  const own = congruence(mirrored(gram, combination.rows), combination, small.product, squares)
  const eigen = jacobi(own, size, small.sweeps)
  if (!eigen.converged) {
    throw new ThalwegError(
      'E_KERNEL',
      `stage svd: the eigenvalues of the Gram matrix of ${where} did not converge. Please report this.`
    )
  }
  const { residual, skew } = verify(own, eigen, size, small)
  const { summed, whole } = scalesSquared(norms, combination, squares.length)
  return {
    ...eigen,
    own,
    size,
    error:
      (gramUnit(single) + 8 * size * unit) * summed +
      1.01 * (residual + 2 * skew * (eigen.values[0] ?? 0)),
    turn: (skew + 4 * size * Math.sqrt(size) * unit) * Math.sqrt(whole),
  }
}

/** s², and the part of it that scales the rounding of the products that were formed. */
function scalesSquared(
  norms: Float64Array,
  { w, rows, size }: Combination,
  known: number
): { whole: number; summed: number } {
  const sums = new Float64Array(size)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < size; j++) sums[j]! += norms[i]! * Math.abs(w[i * size + j]!)
  }
  let [old, fresh] = [0, 0]
  sums.forEach((value, j) => {
    if (j < known) old += value * value
    else fresh += value * value
  })
  return { whole: old + fresh, summed: Math.sqrt(fresh * (2 * old + fresh)) }
}

/** ‖A V - V Λ‖_F and ‖Vᵀ V - I‖_F. */
function verify(
  a: Float64Array,
  { values, vectors }: Eigen,
  size: number,
  { product }: Small
): { residual: number; skew: number } {
  const shape = [size, size, size] as const
  const off = product(a, vectors, shape)
  const inner = product(vectors, vectors, shape, true)
  for (let i = 0, at = 0; i < size; i++) {
    inner[i * (size + 1)]! -= 1
    for (let j = 0; j < size; j++, at++) off[at]! -= vectors[at]! * values[j]!
  }
  return { residual: norm(off), skew: norm(inner) }
}
