/**
 * Whether block k (counted from 0) emits summaries. With `every`, every `every`-th block does. By default each of the first 256
 * blocks does, and then ever fewer: those that 2^max(0, ⌊log2(k / 128)⌋) divides. So a run of any length emits some hundred lines.
 */
export function emits(k: number, every: number | undefined): boolean {
  if (every !== undefined) return (k + 1) % every === 0
  let divisor = 1
  while (divisor * 256 <= k) divisor *= 2
  return k % divisor === 0
}
