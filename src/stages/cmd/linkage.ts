/** Two clusters joined: a member of each, and the greatest distance between their members. */
export interface Merge {
  readonly a: number
  readonly b: number
  readonly height: number
}

/** Index of the pair of i and j in a condensed distance matrix of n points: (0,1), (0,2) .. (n-2,n-1). */
export function pairIndex(n: number, i: number, j: number): number {
  return i < j ? i * n - (i * (i + 1)) / 2 + j - i - 1 : pairIndex(n, j, i)
}

/**
 * Complete linkage of n points by the nearest-neighbour chain (Murtagh 1983; Müllner 2011): O(n²) time, no memory beside
 * the condensed distances, which are overwritten. Merges come by ascending height.
 */
export function completeLinkage(distances: Float64Array, n: number): Merge[] {
  const alive = new Uint8Array(n).fill(1)
  const chain: number[] = []
  const merges: Merge[] = []
  while (merges.length < n - 1) {
    if (chain.length === 0) chain.push(alive.indexOf(1))
    const a = chain.at(-1)!
    const before = chain.at(-2)
    let nearest = before ?? -1
    let height = before === undefined ? Infinity : distances[pairIndex(n, a, before)]!
    for (let b = 0; b < n; b++) {
      if (alive[b] === 0 || b === a) continue
      const distance = distances[pairIndex(n, a, b)]!
      if (distance < height) {
        height = distance
        nearest = b
      }
    }
    if (nearest !== before) {
      chain.push(nearest)
      continue
    }
    chain.length -= 2
    alive[a] = 0
    merges.push({ a, b: nearest, height })
    for (let c = 0; c < n; c++) {
      if (alive[c] === 0 || c === nearest) continue
      const far = distances[pairIndex(n, a, c)]!
      const at = pairIndex(n, nearest, c)
      if (far > distances[at]!) distances[at] = far
    }
  }
  return merges.sort((p, q) => p.height - q.height)
}

/**
 * Cuts a tree into the most clusters that are at most `count`, at one height and not below `least`: merges of equal height
 * fall together. Each cluster's points ascending; clusters by size, largest first, then by their first point.
 */
export function cutTree(merges: readonly Merge[], count: number, least: number): number[][] {
  const n = merges.length + 1
  const height = Math.max(least, merges[n - count - 1]?.height ?? 0)
  const parent = Array.from({ length: n }, (_, i) => i)
  const find = (i: number): number => {
    while (parent[i] !== i) i = parent[i] = parent[parent[i]!]!
    return i
  }
  for (const { a, b, height: at } of merges) if (at <= height) parent[find(a)] = find(b)
  const clusters = new Map<number, number[]>()
  for (let i = 0; i < n; i++) {
    const root = find(i)
    const members = clusters.get(root)
    if (members) members.push(i)
    else clusters.set(root, [i])
  }
  return [...clusters.values()].sort((p, q) => q.length - p.length || p[0]! - q[0]!)
}
