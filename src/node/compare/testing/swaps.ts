import { assign } from '../../../linalg/assignment.ts'
import { costs, type Metric, matched } from '../measuring/distance.ts'
import type { Spectrum } from '../reading/figures.ts'

/** With more eigenvalues, swaps are not tried: 14 eigenvalues already have 2^13 of them. */
const most = 14

export interface SwapControl {
  readonly p: number
  readonly swaps: number
}

/**
 * The control of Redman et al. (2024): matched eigenvalues of two spectra are swapped, pair by pair. p is the share of all ways
 * to swap that leave the spectra as far apart as they are. All ways are tried; the paper draws a hundred. No swap increases the
 * distance, so p is a share of ties. It is small only if eigenvalues moved further than the distance to their neighbours, so a
 * small shift of all eigenvalues is not detected.
 *
 * Undefined if sizes or spacings differ, for one eigenvalue, and for more than 14.
 */
export function swapControl(a: Spectrum, b: Spectrum, metric: Metric): SwapControl | undefined {
  const n = a.points.length
  if (n !== b.points.length || a.spacing !== b.spacing || n < 2 || n > most) return undefined
  const between = costs(a, b, metric)
  const partner = assign(between, n)
  // One matrix of distances between all eigenvalues. Matched pairs have the same place in both halves, so a swap selects rows and
  // columns.
  const both = { ...a, points: [...a.points, ...Array.from(partner, (j) => b.points[j]!)] }
  const all = costs(both, both, metric)
  const enough = matched(between, n) * (1 - 1e-12)
  const swaps = 2 ** (n - 1)
  const cost = new Float64Array(n * n)
  let ties = 0
  for (let mask = 0; mask < swaps; mask++) {
    const side = (pair: number): number => (mask >> pair) & 1
    for (let i = 0; i < n; i++) {
      const row = i + n * side(i)
      for (let j = 0; j < n; j++) {
        cost[i * n + j] = all[row * 2 * n + j + n * (1 - side(j))]!
      }
    }
    if (matched(cost, n) >= enough) ties++
  }
  return { p: ties / swaps, swaps }
}
