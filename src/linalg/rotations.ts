/** Most sweeps before the computation is given up. Four to nine are usual. */
export const mostSweeps = 40

/**
 * Jacobi's method in cyclic order. It rotates all pairs p < q < n in sweeps, until a sweep changes nothing.
 *
 * @param turn rotates a pair; false if that was not necessary
 * @returns false if the sweeps did not converge
 */
export function sweepPairs(n: number, turn: (p: number, q: number) => boolean): boolean {
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let isOver = true
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) if (turn(p, q)) isOver = false
    }
    if (isOver) return true
  }
  return false
}

/** Tangent, cosine and sine of the smaller angle that makes a symmetric 2 x 2 matrix with pq ≠ 0 diagonal. */
export function rotationOf(
  pp: number,
  qq: number,
  pq: number
): { t: number; c: number; s: number } {
  const theta = (qq - pp) / (2 * pq)
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1))
  const c = 1 / Math.sqrt(t * t + 1)
  return { t, c, s: t * c }
}
