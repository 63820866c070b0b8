// Panels of columns that lie in the first-level cache while products are formed of them.

/** Bytes of a panel's column. */
export const PITCH: usize = 512

/** A column of the panel as it is; a loop, since the engines' own copy costs a call. @inline */
export function copyIn(source: usize, panel: usize): void {
  for (const end = panel + PITCH; panel < end; panel += 32, source += 32) {
    v128.store(panel, v128.load(source))
    v128.store(panel, v128.load(source, 16), 16)
  }
}

/**
 * Where the product of columns i <= j lies among those of a Gram matrix of `width` columns, in elements: rows of its upper
 * triangle, without those products that the first `known` columns have with each other. @inline
 */
export function entryAt(known: i32, width: i32, i: i32, j: i32): i32 {
  const after = max(0, i - known)
  return i * (width - known) + j - known - ((after * (after + 1)) >> 1)
}

/** Entries of such a matrix. @inline */
export function entries(known: i32, width: i32): i32 {
  return (width * (width + 1) - known * (known + 1)) >> 1
}
