import type { Limits } from './bounds.ts'

/**
 * Of the smallest σ² that is reported, what the bound of F may be where BᵀB is not formed. Values then move by half of this at
 * most, relative to themselves, and in practice by far less: what storage rounds off has no common direction. Products in
 * f32 round by more, and their bounds are wider in any case.
 */
const mostCoupling = { double: 2 ** -10, single: 2 ** -7 } as const

/**
 * Whether the products of B's columns with each other are known well enough without being formed: F = BᵀB - diag(σ̂²) is what
 * rounding has made, and `coupling` bounds ‖F‖₂.
 *
 * @param squares σ̂², `kept` of them
 */
export function isWeak(
  coupling: number,
  squares: Float64Array,
  kept: number,
  rank: number,
  { single }: Limits
): boolean {
  const share = mostCoupling[single ? 'single' : 'double']
  return kept >= rank && coupling <= share * squares[rank - 1]!
}

/**
 * The bound after a block: with B̃ the turned columns before they are rounded, B̃ᵀB̃ is diag(σ̂²) to `error`, and rounding B̃ by
 * ρ at most (Frobenius) adds 2 ρ ‖B̃‖₂ + ρ². An F that was left out is in `error`.
 */
export function couplingAfter(largest: number, error: number, rounded: number): number {
  return error + 2 * rounded * Math.sqrt(largest + error) + rounded * rounded
}
