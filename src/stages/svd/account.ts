import type { Combination } from './combine.ts'
import type { Limits } from './errors/bounds.ts'
import { couplingAfter } from './errors/coupling.ts'
import { likeness, missingAfter } from './errors/missing.ts'
import { blurFormed, blurUnformed, storedAfter } from './errors/rounding.ts'
import type { Solution } from './solve.ts'
import type { SvdState } from './state.ts'
import type { Stored } from './storing/store.ts'

/** Directions whose singular value is below this fraction of the first one are noise of the storage, or of the products in C. */
const rankCut = { 4: 1e-6, 8: 1e-13, single: 2 ** -12 } as const

/** What a block left out or took as known. */
export interface Taken {
  readonly combination: Combination
  readonly kept: number
  /** Squared norms of the columns of M, and their weights in the kept ones, by rows. */
  readonly squares: Float64Array
  readonly v: Float64Array
  /** Bound of the error of the eigenvalues by rounding. */
  readonly error: number
  /** Whether BᵀB was assumed to be diagonal instead of formed. */
  readonly isKnown: boolean
  readonly stored: Stored
}

/** Number of directions that are kept. */
export function keptOf({ values }: Solution, { columns, storageBytes, single }: Limits): number {
  const cut = rankCut[single ? 'single' : storageBytes] ** 2 * (values[0] ?? 0)
  return Math.min(columns, values.filter((value) => value > cut).length)
}

/** Takes a block's solution into the small state. */
export function account(state: SvdState, solution: Solution, taken: Taken, limits: Limits): void {
  const { values, own, size, turn } = solution
  const { combination, kept, error, isKnown, stored } = taken
  const { added, fade } = combination
  const before = state.kept
  const missing = missingAfter(state, solution, combination, kept)
  const noise = storedAfter(state, solution, combination, stored.noise)
  const blur = isKnown
    ? blurUnformed(state, solution, combination, kept, limits)
    : blurFormed(noise, solution, taken, limits)
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
  state.squares.fill(0).set(values.subarray(0, limits.columns))
  const rounded = turn + stored.rounded
  state.rounding = state.rounding * Math.sqrt(fade) + rounded
  state.coupling = couplingAfter(values[0] ?? 0, error, rounded)
  state.error = error
  state.seen += added
  state.blocks++
  state.kept = kept
  const { elimination } = stored
  state.eliminated = elimination ? state.eliminated + 1 : 0
  state.lengths.set(elimination ? elimination.squares : state.squares)
  if (elimination) state.basis.set(elimination.basis)
}

/**
 * max |UᵀU - I| over the `kept` normalised columns of B, from the Gram matrix of M: rounding of the storage alone. A column that has faded
 * below what the storage can hold is zero, and does not count.
 */
export function orthogonalityOf({ own, size }: Solution, kept: number): number {
  const entry = (i: number, j: number): number => own[i * size + j]!
  let worst = 0
  for (let i = 0; i < kept; i++) {
    for (let j = i + 1; j < kept; j++) {
      const c = entry(i, j)
      const norms = Math.sqrt(Math.max(0, entry(i, i) * entry(j, j)))
      if (c !== 0) worst = Math.max(worst, Math.min(1, Math.abs(c) / norms))
    }
  }
  return worst
}
