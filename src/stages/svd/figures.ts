import type { Mode, Values } from '../../engine/stage.ts'
import { exp, log } from '../../kernels/math.ts'
import type { SvdState } from './state.ts'

/** Half a unit in the last place of f32 and f64 storage. */
export const unit = { 4: 2 ** -24, 8: 2 ** -53 } as const

/**
 * The figures of a summary. With E_j what block j discarded, A Aᵀ - B Bᵀ = Σ E_j E_jᵀ >= 0, so by Weyl's inequality
 * 0 <= σ_i² - σ̂_i² <= λ_max(Σ E_j E_jᵀ), which is at most δ² = Σ_j λ_max(block j) and at most the energy that B lacks; and
 * ‖A - U Uᵀ A‖² <= ‖A‖² - Σ σ̂². These hold in exact arithmetic: the allowance for storage, 4 u √blocks σ̂_1², is added.
 */
export function figures(
  state: SvdState,
  rank: number,
  rows: number,
  storageBytes: 4 | 8,
  mode: Mode
): Values {
  const { energy, seen, kept, blocks } = state
  const squares = Array.from(state.squares.subarray(0, kept))
  const reported = Math.min(rank, rows, seen)
  const held = Array.from({ length: reported }, (_, i) => squares[i] ?? 0)
  const allowance = 4 * unit[storageBytes] * Math.sqrt(blocks) * (squares[0] ?? 0)
  const lacking = Math.max(0, energy - squares.reduce((sum, square) => sum + square, 0))
  const slack = Math.min(state.discarded, lacking) + allowance
  const capturedEnergy = held.reduce((sum, square) => sum + square, 0)
  const captured = energy > 0 ? capturedEnergy / energy : Number.NaN
  const missed = Math.max(0, energy - capturedEnergy) + allowance
  const singularValues = held.map(Math.sqrt)
  const why = seen === 0 ? 'no column has come' : energy === 0 ? 'all columns are zero' : undefined
  return {
    singularValues,
    upperBounds: held.map((square) => Math.sqrt(square + slack)),
    estimatedErrors: held.map((square, i) => {
      const grown = Math.sqrt(square + (state.missing[i] ?? 0) + unit[storageBytes] * 4 * square)
      return Math.min(grown, Math.sqrt(square + slack)) - singularValues[i]!
    }),
    energy,
    captured,
    capturedNull: mode.null?.values.captured ?? null,
    effectiveRank: effectiveRank(squares),
    projectionErrorBound: energy > 0 ? Math.min(1, Math.sqrt(missed / energy)) : Number.NaN,
    orthogonality: state.orthogonality,
    columns: seen,
    kept,
    ...(why === undefined ? {} : { why }),
  }
}

/** exp of the entropy of σ_i / Σσ (Roy and Vetterli 2007), over all kept singular values. */
function effectiveRank(squares: readonly number[]): number {
  const values = squares.map(Math.sqrt)
  const total = values.reduce((sum, value) => sum + value, 0)
  if (total === 0) return 0
  const entropy = values.reduce((sum, value) => {
    const p = value / total
    return p > 0 ? sum - p * log(p) : sum
  }, 0)
  return exp(entropy)
}
