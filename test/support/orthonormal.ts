/** `count` orthonormal vectors of n dimensions, out of normal numbers, by Gram and Schmidt. */
export function orthonormal(n: number, count: number, normal: () => number): number[][] {
  const found: number[][] = []
  while (found.length < count) {
    const v = Array.from({ length: n }, normal)
    for (const q of found) {
      const along = q.reduce((sum, x, k) => sum + x * v[k]!, 0)
      q.forEach((x, k) => {
        v[k]! -= along * x
      })
    }
    const norm = Math.hypot(...v)
    found.push(v.map((x) => x / norm))
  }
  return found
}
