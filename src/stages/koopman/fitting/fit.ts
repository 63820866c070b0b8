import { principal } from '../../../linalg/principal.ts'
import { unpacked } from '../../../linalg/triangular.ts'
import type { Layout } from '../layout.ts'
import { pairsOf } from './pairs.ts'
import type { Solver } from './solver.ts'

/** The linear map of all rows, in k principal directions of the (delayed) positions: φ' ≈ φ M for whitened rows φ. */
export interface Fit {
  readonly modes: number
  /** Roots of the sums of squares along the directions, σ, largest first. */
  readonly lengths: Float64Array
  /** The directions, k x `state` by rows. */
  readonly vectors: Float64Array
  /** M, k x k by rows. */
  readonly map: Float64Array
  /**
   * Positions now and one step later along the directions, by rows of 2 k: [P P'], P = Φ diag(σ). Their sums of products equal those over
   * all pairs.
   */
  readonly pairs: Float64Array
  /** Share of the steps' variance that the map explains; NaN if all steps are alike. */
  readonly explained: number
}

/** Steps whose variance is below this share of the positions' variance are only rounding. */
const roundingShare = 1e-24

/**
 * Fits the map by least squares: with rows [1 Y ..], Y' the positions one step later, and Y = Φ diag(σ) Vᵀ + (what is cut), the map is
 * M = Φᵀ Y' V diag(1 / σ).
 *
 * @param cut directions shorter than this share of the longest are rounding
 * @returns undefined if positions do not move
 */
export function fitOf(
  factor: Float64Array,
  layout: Layout,
  most: number,
  cut: number,
  solver: Solver
): Fit | undefined {
  const { width, first, state } = layout
  // Everything below the first row is centred: that row holds the means.
  const height = width - first
  const rows = unpacked(factor, width, first)
  const now = new Float64Array(state * state)
  for (let i = 0; i < state; i++) {
    now.set(rows.subarray(i * width + first, i * width + first + state), i * state)
  }
  const found = principal(now, state, state, cut, solver.rowSweeps)
  if (!found || found.values.length === 0) return undefined
  const modes = Math.min(most, found.values.length)
  const lengths = found.values.slice(0, modes)
  const vectors = found.vectors.slice(0, modes * state)
  const pairs = pairsOf(factor, vectors, layout, first, width)
  const map = new Float64Array(modes * modes)
  for (let i = 0; i < height; i++) {
    const at = i * 2 * modes
    for (let a = 0; a < modes; a++) {
      const phi = pairs[at + a]! / lengths[a]!
      if (phi === 0) continue
      for (let b = 0; b < modes; b++) {
        map[a * modes + b]! += (phi * pairs[at + modes + b]!) / lengths[b]!
      }
    }
  }
  const fit = { modes, lengths, vectors, map, pairs }
  return { ...fit, explained: explainedBy(fit, rows, layout) }
}

/** ‖ΦᵀD‖² / ‖D‖², where D = Z' - Z are the steps, Z' the last positions of the rows and Z those before. */
function explainedBy(
  { modes, lengths, pairs }: Pick<Fit, 'modes' | 'lengths' | 'pairs'>,
  rows: Float64Array,
  { width, first, size, state }: Layout
): number {
  const last = first + state
  const along = new Float64Array(modes * size)
  let moved = 0
  for (let i = 0; i < width - first; i++) {
    const row = rows.subarray(i * width, (i + 1) * width)
    for (let c = 0; c < size; c++) {
      const step = row[last + c]! - row[last - size + c]!
      moved += step * step
      for (let k = 0; k < modes; k++) {
        along[k * size + c]! += (pairs[i * 2 * modes + k]! / lengths[k]!) * step
      }
    }
  }
  const told = along.reduce((sum, value) => sum + value * value, 0)
  return moved > roundingShare * lengths[0]! * lengths[0]! ? Math.min(1, told / moved) : Number.NaN
}
