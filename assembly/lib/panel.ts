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
