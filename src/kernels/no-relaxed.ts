/**
 * Replaces `relaxed.ts` where modules come compiled. There a run may continue in another instance on another machine, and the
 * rounding of relaxed SIMD depends on the machine. A journal must replay to the same bits, so these bundles contain only the base
 * builds.
 */
export function hasRelaxed(): boolean {
  return false
}
