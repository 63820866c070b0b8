/**
 * Sums over tiles in the perfect binary tree whose leaves are a scope's tiles: node k of level v is the sum of tiles [k 2^v, (k+1)
 * 2^v). A shard that owns tiles [from, to) hands over its maximal complete subtrees in order, and the reducer completes the tree.
 * So the order of additions depends only on the scope, and the total is the same bits for any number of shards.
 *
 * The kernels keep the same stack in linear memory (`assembly/lib/tree.ts`).
 */
export interface TreeNodes {
  readonly from: number
  readonly to: number
  /** Length of each node's vector. */
  readonly width: number
  /** The maximal complete subtrees of [from, to), first tile first. Zero nodes at the end may be left out. */
  readonly nodes: Float64Array
}

/** Number of slots that a stack needs for a scope of this many tiles: two subtrees per level and the one being filled. */
export function treeSlots(tiles: number): number {
  return 2 * treeLevels(tiles) + 2
}

/** Number of levels above the leaves, at least one. */
function treeLevels(tiles: number): number {
  let levels = 1
  while (2 ** levels < tiles) levels++
  return levels
}

/** Number of left siblings that tile `index` completes if the range began at `from`. */
export function treeMerges(index: number, from: number): number {
  let merges = 0
  while ((index >>> merges) & 1 && (index >>> (merges + 1)) * 2 ** (merges + 1) >= from) merges++
  return merges
}

/** Levels of the maximal complete subtrees of [from, to), first tile first. */
function levelsOf(from: number, to: number): number[] {
  const levels: number[] = []
  for (let start = from; start < to; ) {
    let level = 0
    while (start % 2 ** (level + 1) === 0 && start + 2 ** (level + 1) <= to) level++
    levels.push(level)
    start += 2 ** level
  }
  return levels
}

/** A shard's counts as a tree, all in its first node. Counts are exact in any order of addition. */
export function countsTree(
  { from, to }: { readonly from: number; readonly to: number },
  counts: readonly number[] | Float64Array
): TreeNodes {
  const own = counts instanceof Float64Array ? counts : Float64Array.from(counts)
  return { from, to, width: counts.length, nodes: from < to ? own : new Float64Array() }
}

/** The sum over a scope's tiles, from the subtrees of its shards. The shards must come in order of their tiles. */
export function reduceTree(parts: readonly TreeNodes[]): Float64Array {
  const { width } = parts[0]!
  const tiles = Math.max(...parts.map(({ to }) => to))
  const subtrees = parts.flatMap(({ from, to, nodes }) =>
    levelsOf(from, to).map((level, n) => ({
      level,
      sum: (n + 1) * width <= nodes.length ? nodes.slice(n * width, (n + 1) * width) : undefined,
    }))
  )
  let next = 0
  /** The sum of tiles [from, from + 2^level) that exist; undefined for zero. */
  const sumOf = (from: number, level: number): Float64Array | undefined => {
    if (subtrees[next]!.level === level) return subtrees[next++]!.sum
    const sum = sumOf(from, level - 1)
    const middle = from + 2 ** (level - 1)
    const right = middle < tiles ? sumOf(middle, level - 1) : undefined
    if (!sum || !right) return sum ?? right
    for (let i = 0; i < width; i++) sum[i]! += right[i]!
    return sum
  }
  const total = tiles > 0 ? sumOf(0, treeLevels(tiles)) : undefined
  return total ?? new Float64Array(width)
}
