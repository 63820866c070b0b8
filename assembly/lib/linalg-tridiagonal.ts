// Reduces a symmetric matrix to three diagonals by Householder reflections, from its last row up (Martin, Reinsch and Wilkinson 1968), on
// its lower triangle by rows. The rank-two change of a step waits until the next reflector is known: then one pass over the rest of the
// matrix applies it and forms the next product. Backward error: about n u ‖A‖_F.

/** Two elements of row i minus the pending change. @inline */
function changed(row: usize, u: usize, q: usize, us: v128, qs: v128): v128 {
  const a = f64x2.sub(v128.load(row), f64x2.mul(us, v128.load(q)))
  return f64x2.sub(a, f64x2.mul(qs, v128.load(u)))
}

/** Applies the pending change u, q to elements [0, count] of a row. @inline */
function change(row: usize, count: i32, u: usize, q: usize): void {
  const at = (<usize>count) << 3
  const ui = load<f64>(u + at)
  const qi = load<f64>(q + at)
  for (let j: usize = 0; j <= at; j += 8) {
    const a = load<f64>(row + j) - ui * load<f64>(q + j) - qi * load<f64>(u + j)
    store<f64>(row + j, a)
  }
}

/**
 * Replaces the row's first `count` elements by the reflector that leaves only the last of them. Writes that element to `e` and the
 * reflector's h to `h`, and returns h. @inline
 */
function reflector(row: usize, count: i32, e: usize, h: usize): f64 {
  const last = row + ((<usize>(count - 1)) << 3)
  let sum: f64 = 0
  for (let p = row; p < last; p += 8) sum += load<f64>(p) * load<f64>(p)
  const f = load<f64>(last)
  if (sum === 0) {
    store<f64>(e, f)
    store<f64>(h, 0)
    return 0
  }
  const norm = sqrt<f64>(sum + f * f)
  const g = f < 0 ? norm : -norm
  const half = sum + f * f - f * g
  store<f64>(e, g)
  store<f64>(h, half)
  store<f64>(last, f - g)
  return half
}

/** One row: the pending change, its product with x, and its part of p. @inline */
function pass(row: usize, r: i32, u: usize, q: usize, x: usize, p: usize): void {
  const at = (<usize>r) << 3
  const ur = load<f64>(u + at)
  const qr = load<f64>(q + at)
  const xr = load<f64>(x + at)
  const us = f64x2.splat(ur)
  const qs = f64x2.splat(qr)
  const xs = f64x2.splat(xr)
  let dots = f64x2.splat(0)
  let j: usize = 0
  for (; j + 16 <= at; j += 16) {
    const a = changed(row + j, u + j, q + j, us, qs)
    v128.store(row + j, a)
    dots = f64x2.add(dots, f64x2.mul(a, v128.load(x + j)))
    v128.store(p + j, f64x2.add(v128.load(p + j), f64x2.mul(a, xs)))
  }
  let dot = f64x2.extract_lane(dots, 0) + f64x2.extract_lane(dots, 1)
  for (; j < at; j += 8) {
    const a = load<f64>(row + j) - ur * load<f64>(q + j) - qr * load<f64>(u + j)
    store<f64>(row + j, a)
    dot += a * load<f64>(x + j)
    store<f64>(p + j, load<f64>(p + j) + a * xr)
  }
  const a = load<f64>(row + at) - 2 * ur * qr
  store<f64>(row + at, a)
  store<f64>(p + at, load<f64>(p + at) + dot + a * xr)
}

/**
 * A = Q T Qᵀ, A n x n by rows, `pitch` bytes apart; only the lower triangle of A is read. Writes the diagonal of T to d and the diagonal
 * beside it to e (e[0] = 0). Afterwards row i holds u in elements [0, i): Q = H_(n-1) .. H_2 with H_i = I - u uᵀ / h_i, and h_i = 0 if
 * there is no reflection. `work` has room for 2 n numbers.
 */
export function tridiagonal(
  a: usize,
  n: i32,
  pitch: usize,
  d: usize,
  e: usize,
  h: usize,
  work: usize
): void {
  const bytes = (<usize>n) << 3
  let p = work
  let q = work + bytes
  // No change is pending yet, so it is one of rank two by u and a zero q.
  let u = q
  memory.fill(work, 0, 2 * bytes)
  store<f64>(e, 0)
  store<f64>(h, 0)
  for (let i = n - 1; i >= 0; i--) {
    const at = (<usize>i) << 3
    const row = a + <usize>i * pitch
    if (i < n - 1) change(row, i, u, q)
    store<f64>(d + at, load<f64>(row + at))
    if (i === 0) break
    const half = reflector(row, i, e + at, h + at)
    memory.fill(p, 0, at)
    for (let r = 0; r < i; r++) pass(a + <usize>r * pitch, r, u, q, row, p)
    let k: f64 = 0
    const scale = half === 0 ? 0 : 1 / half
    for (let j: usize = 0; j < at; j += 8) {
      const value = load<f64>(p + j) * scale
      store<f64>(p + j, value)
      k += value * load<f64>(row + j)
    }
    k *= 0.5 * scale
    for (let j: usize = 0; j < at; j += 8)
      store<f64>(p + j, load<f64>(p + j) - k * load<f64>(row + j))
    u = row
    const free = q
    q = p
    p = free
  }
}
