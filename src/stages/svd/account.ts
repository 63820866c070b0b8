import { upperIndex } from '../../linalg/matrix.ts'
import { type Limits, singleTurnError, storageError } from './bounds.ts'
import type { Combination } from './combine.ts'
import { couplingAfter } from './coupling.ts'
import { likeness, missingAfter } from './missing.ts'
import { blurFormed, blurUnformed, storedAfter } from './rounding.ts'
import type { Solution } from './solve.ts'
import type { SvdState } from './state.ts'

/** Directions whose singular value is below this fraction of the first are noise of the storage, or of C's products. */
const rankCut = { 4: 1e-6, 8: 1e-13, single: 2 ** -12 } as const

/**
 * Takes a block's solution into the small state.
 *
 * @param isKnown whether BᵀB was taken to be diagonal, not formed
 */
export function account(
  state: SvdState,
  solution: Solution,
  combination: Combination,
  limits: Limits,
  isKnown: boolean
): void {
  const { values, own, size, turn } = solution
  const { added, fade } = combination
  const error = solution.error + (isKnown ? fade * state.coupling : 0)
  const { columns, storageBytes, single } = limits
  const before = state.kept
  const cut = rankCut[single ? 'single' : storageBytes] ** 2 * (values[0] ?? 0)
  const kept = Math.min(columns, values.filter((value) => value > cut).length)
  const missing = missingAfter(state, solution, combination, kept)
  const noise = storedAfter(state, solution, combination, kept, limits)
  const blur = isKnown
    ? blurUnformed(state, solution, combination, kept, limits)
    : blurFormed(noise, solution, kept, limits)
  state.missing.fill(0).set(missing)
  state.stored.fill(0).set(noise)
  state.blurred.fill(0).set(blur)
  const { overlaps, products } = likeness(solution, combination, before, kept)
  state.overlaps = state.overlaps * fade + overlaps
  state.products = state.products * fade + products
  state.energy *= fade
  for (let i = before; i < size; i++) state.energy += own[i * size + i]!
  state.discarded *= fade
  if (kept < size) state.discarded += values[kept]! + error
  state.squares.fill(0).set(values.subarray(0, columns))
  const stored = storageError(state.squares.subarray(0, kept), limits)
  const turned = turn + (single ? singleTurnError(own, solution.vectors, size, kept) : 0)
  const rounded = turned + stored
  state.rounding = state.rounding * Math.sqrt(fade) + rounded
  state.coupling = couplingAfter(values[0] ?? 0, error, rounded)
  state.error = error
  state.seen += added
  state.blocks++
  state.kept = kept
}

/**
 * max |UᵀU - I| of B's `kept` normalised columns, from the Gram matrix of M: rounding of the storage alone. A column that
 * has faded below what the storage holds is zero, and takes no part.
 */
export function orthogonalityOf(packed: Float64Array, size: number, kept: number): number {
  const entry = (i: number, j: number): number => packed[upperIndex(size, i, j)]!
  let worst = 0
  for (let i = 0; i < kept; i++) {
    for (let j = i + 1; j < kept; j++) {
      const c = entry(i, j)
      if (c !== 0) worst = Math.max(worst, Math.abs(c) / Math.sqrt(entry(i, i) * entry(j, j)))
    }
  }
  return worst
}
