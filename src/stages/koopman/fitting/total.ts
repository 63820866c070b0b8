import type { Complex } from '../../../linalg/eigenvalues.ts'
import { solve } from '../../../linalg/solve.ts'
import type { Solver } from './solver.ts'

/**
 * Eigenvalues of the map by total least squares, which assumes that later and earlier positions are equally noisy (Dawson et al. 2016,
 * Hemati et al. 2017): the k leading right singular vectors [Q1; Q2] of [P P'] span the graph of the map, and A = Q2 Q1⁻¹.
 *
 * @param vectors the singular vectors, 2 k numbers each, one after another
 */
export function totalEigenvalues(
  vectors: Float64Array,
  modes: number,
  solver: Solver
): Complex[] | undefined {
  if (vectors.length < 2 * modes * modes) return undefined
  // Q1⁻¹ Q2 has the eigenvalues of Q2 Q1⁻¹.
  const q1 = new Float64Array(modes * modes)
  const q2 = new Float64Array(modes * modes)
  for (let row = 0, at = 0; row < modes; row++) {
    for (let column = 0; column < modes; column++, at++) {
      q1[at] = vectors[column * 2 * modes + row]!
      q2[at] = vectors[column * 2 * modes + modes + row]!
    }
  }
  solve(q1, q2, modes, modes)
  return solver.eigenvalues(q2, modes)
}
