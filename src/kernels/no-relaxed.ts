/**
 * Stands for `relaxed.ts` where modules come compiled: there a run goes on in another instance, on another machine, and relaxed
 * SIMD rounds as each machine likes. A journal must replay to the same bits, so bundles carry the base builds alone.
 */
export function hasRelaxed(): boolean {
  return false
}
