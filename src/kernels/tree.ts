/**
 * Sums over tiles in the perfect binary tree whose leaves are a scope's tiles: node k of level v is the sum of tiles
 * [k 2^v, (k+1) 2^v). A shard that owns tiles [from, to) hands over its maximal complete subtrees in order; the reducer
 * joins siblings and closes what is left from the right. The order of additions therefore depends on the scope alone,
 * so the total is equal to the bit for any number of shards.
 *
 * The kernels hold the same stack in linear memory (`assembly/lib/tree.ts`).
 */
export interface TreeNodes {
  readonly from: number
  readonly to: number
  /** Length of each node's vector. */
  readonly width: number
  /** The maximal complete subtrees of [from, to), first tile first. */
  readonly nodes: Float64Array
}

/** Slots a stack needs for a scope of this many tiles: two subtrees a level and the one being filled. */
export function treeSlots(tiles: number): number {
  let levels = 1
  while (2 ** levels < tiles) levels++
  return 2 * levels + 2
}

/** How many left siblings tile `index` completes when the range began at `from`. */
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

/** A shard's counts, which are exact in any order of addition, as a tree: all in its first node. */
export function countsTree(
  { from, to }: { readonly from: number; readonly to: number },
  counts: ArrayLike<number>
): TreeNodes {
  const width = counts.length
  const nodes = new Float64Array(levelsOf(from, to).length * width)
  if (from < to) nodes.set(counts)
  return { from, to, width, nodes }
}

/** Finishes the tree over the shards' subtrees, which must come in order of their tiles. */
export function reduceTree(parts: readonly TreeNodes[]): Float64Array {
  const width = parts[0]?.width ?? 0
  const stack: { level: number; index: number; sum: Float64Array<ArrayBufferLike> }[] = []
  const add = (into: Float64Array, from: Float64Array): void => {
    for (let i = 0; i < width; i++) into[i]! += from[i]!
  }
  for (const { from, to, nodes } of parts) {
    let start = from
    levelsOf(from, to).forEach((ownLevel, n) => {
      let level = ownLevel
      let index = start / 2 ** level
      start += 2 ** level
      let sum: Float64Array = nodes.slice(n * width, (n + 1) * width)
      for (
        let top = stack.at(-1);
        top && top.level === level && index % 2 === 1;
        top = stack.at(-1)
      ) {
        add(top.sum, sum)
        sum = top.sum
        stack.pop()
        level++
        index = (index - 1) / 2
      }
      stack.push({ level, index, sum })
    })
  }
  let total = stack.pop()?.sum ?? new Float64Array(width)
  for (let left = stack.pop(); left; left = stack.pop()) {
    add(left.sum, total)
    total = left.sum
  }
  return total
}
