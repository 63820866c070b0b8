// Chooses rows of V, n x `count`, of full rank, that span nearly the largest volume (Gu and Eisenstat 1996): first by Gauss-Jordan steps
// with complete pivoting, then by exchanges as long as another row has an entry above `largest`. Nothing is fused, so the bits equal those
// of the reference in every build.
//
// `a` is V above the identity, n + `count` rows, f64. The steps that make each chosen row a unit vector turn the other rows into C of
// V_R = C V_S, and the identity into V_S⁻¹. i32 lists: `rowOf` has the chosen row of each column, `isChosen` is 1 for the chosen ones of
// the n rows. No scratch.

/**
 * Index of the largest entry among rows that are not chosen, and among columns without a row or, if `isFull`, all columns. -1 if all
 * entries are 0. @inline
 */
function largestOf(a: usize, n: i32, count: i32, rowOf: usize, isChosen: usize, isFull: bool): i32 {
  let most: f64 = 0
  let found = -1
  for (let i = 0; i < n; i++) {
    if (load<i32>(isChosen + ((<usize>i) << 2)) === 1) continue
    for (let j = 0, at = i * count; j < count; j++, at++) {
      if (!isFull && load<i32>(rowOf + ((<usize>j) << 2)) >= 0) continue
      const size = abs<f64>(load<f64>(a + ((<usize>at) << 3)))
      if (size <= most) continue
      most = size
      found = at
    }
  }
  return found
}

/** Makes the row at p a unit vector, with its 1 at byte q, by subtracting multiples of that column. @inline */
function clear(a: usize, end: usize, width: usize, p: usize, q: usize): void {
  const pivot = load<f64>(p + q)
  const pairs = width & ~15
  for (let row = a; row < end; row += width) {
    if (row === p) continue
    const factor = load<f64>(row + q) / pivot
    if (factor === 0) continue
    const factors = f64x2.splat(factor)
    for (let j: usize = 0; j < pairs; j += 16) {
      const change = f64x2.mul(factors, v128.load(p + j))
      v128.store(row + j, f64x2.sub(v128.load(row + j), change))
    }
    if (pairs < width) {
      const last = row + pairs
      store<f64>(last, load<f64>(last) - factor * load<f64>(p + pairs))
    }
    store<f64>(row + q, factor)
  }
  memory.fill(p, 0, width)
  store<f64>(p + q, 1)
}

/** Chooses the rows. Returns 0 if V is singular, else 1. */
export function svd_pivots(
  a: usize,
  n: i32,
  count: i32,
  rowOf: usize,
  isChosen: usize,
  largest: f64
): i32 {
  const width = (<usize>count) << 3
  const end = a + <usize>(n + count) * width
  memory.fill(rowOf, 0xff, (<usize>count) << 2)
  memory.fill(isChosen, 0, (<usize>n) << 2)
  for (let step = 0; step < 2 * count; step++) {
    const isFull = step >= count
    const found = largestOf(a, n, count, rowOf, isChosen, isFull)
    if (isFull && (found < 0 || abs<f64>(load<f64>(a + ((<usize>found) << 3))) <= largest)) break
    if (found < 0) return 0
    const i = found / count
    const j = (<usize>(found % count)) << 2
    if (isFull) store<i32>(isChosen + ((<usize>load<i32>(rowOf + j)) << 2), 0)
    store<i32>(isChosen + ((<usize>i) << 2), 1)
    store<i32>(rowOf + j, i)
    clear(a, end, width, a + <usize>i * width, j << 1)
  }
  return 1
}
