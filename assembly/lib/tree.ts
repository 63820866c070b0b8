// Sums over tiles in the perfect binary tree of a scope's tiles (src/kernels/tree.ts states the order and why).
//
// `stack` holds vectors of `width` f64. A kernel fills the vector at slot `depth` with the sums of one tile, then pushes it. The tile then
// joins the left siblings that it completes, if they begin at or after tile `from`, where this shard's range begins.

/** The stack of sums, as `TileSums` keeps it. A kernel returns the new depth. */
export type Sums<T> = T

/** Address of the slot that the next tile fills. @inline */
export function treeSlot(stack: usize, depth: i32, width: i32): usize {
  return stack + <usize>depth * ((<usize>width) << 3)
}

/** Folds the vector in slot `depth`, the sums of tile `index`, into the tree; returns the new depth. */
export function treePush(stack: usize, depth: i32, width: i32, index: u32, from: u32): i32 {
  let level: u32 = 0
  while (((index >> level) & 1) !== 0 && (index >> (level + 1)) << (level + 1) >= from) {
    let right = treeSlot(stack, depth, width)
    let left = treeSlot(stack, depth - 1, width)
    for (let i = 0; i < width; i++) {
      store<f64>(left, load<f64>(left) + load<f64>(right))
      left += 8
      right += 8
    }
    depth--
    level++
  }
  return depth + 1
}
