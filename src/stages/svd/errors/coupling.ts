import type { Limits } from './bounds.ts'

/**
 * If BᵀB is not formed, the bound of F may be at most this share of the smallest reported σ². Then values change by at most half of this
 * share, and in practice by far less, because storage rounds in no common direction. Products in f32 round more, and their bounds are wider
 * in any case.
 */
const mostCoupling = { double: 2 ** -10, single: 2 ** -7 } as const

/**
 * Whether the products of B's columns with each other are known well enough without being formed: F = BᵀB - diag(σ̂²) is the effect of
 * rounding, and `coupling` bounds ‖F‖₂.
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
 * The bound after a block. Let B̃ be the turned columns before they are rounded. B̃ᵀB̃ differs from diag(σ̂²) by at most `error`, and
 * rounding B̃ by at most ρ (Frobenius) adds 2 ρ ‖B̃‖₂ + ρ². If an F was left out, it is part of `error`.
 */
export function couplingAfter(largest: number, error: number, rounded: number): number {
  return error + 2 * rounded * Math.sqrt(largest + error) + rounded * rounded
}
