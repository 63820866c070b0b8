// Panels of columns that stay in the first-level cache while their products are formed.

/** Bytes of one column of a panel. */
export const PITCH: usize = 512

/** Copies a column into the panel unchanged. It is a loop because the engines' own copy costs a call. @inline */
export function copyIn(source: usize, panel: usize): void {
  for (const end = panel + PITCH; panel < end; panel += 32, source += 32) {
    v128.store(panel, v128.load(source))
    v128.store(panel, v128.load(source, 16), 16)
  }
}

/**
 * Index of the product of columns i <= j among the entries of a Gram matrix of `width` columns: rows of the upper triangle, without the
 * products of the first `known` columns with each other. @inline
 */
export function entryAt(known: i32, width: i32, i: i32, j: i32): i32 {
  const after = max(0, i - known)
  return i * (width - known) + j - known - ((after * (after + 1)) >> 1)
}

/** Number of entries of such a matrix. @inline */
export function entries(known: i32, width: i32): i32 {
  return (width * (width + 1) - known * (known + 1)) >> 1
}
