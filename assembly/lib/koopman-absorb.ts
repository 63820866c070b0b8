// Takes rows into a triangular factor by Householder reflections. The bits equal those of `absorb` in `src/linalg/triangular.ts`, which
// states the error: nothing is fused, sums run in the order of the rows, and lanes are columns.
//
// Layout: the factor's upper triangle is packed by rows. `rows` has `count` rows of `width` numbers without gaps, and is destroyed.
// Scratch: `v`, `count` numbers.

/** Applies the reflection (first, v), whose 2 / vᵀv is `scale`, to two columns: of the factor at `head`, and of the rows at `x`. @inline */
function reflectTwo(
  head: usize,
  x: usize,
  v: usize,
  end: usize,
  pitch: usize,
  first: f64,
  scale: f64
): void {
  const own = v128.load(head)
  let along = f64x2.mul(f64x2.splat(first), own)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    along = f64x2.add(along, f64x2.mul(v128.load64_splat(p), v128.load(at)))
  }
  along = f64x2.mul(along, f64x2.splat(scale))
  v128.store(head, f64x2.sub(own, f64x2.mul(f64x2.splat(first), along)))
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    v128.store(at, f64x2.sub(v128.load(at), f64x2.mul(v128.load64_splat(p), along)))
  }
}

/** Like `reflectTwo`, but for eight columns, whose sums need not wait for each other. @inline */
function reflectEight(
  head: usize,
  x: usize,
  v: usize,
  end: usize,
  pitch: usize,
  first: f64,
  scale: f64
): void {
  const firsts = f64x2.splat(first)
  let a = f64x2.mul(firsts, v128.load(head)),
    b = f64x2.mul(firsts, v128.load(head, 16)),
    c = f64x2.mul(firsts, v128.load(head, 32)),
    d = f64x2.mul(firsts, v128.load(head, 48))
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    const value = v128.load64_splat(p)
    a = f64x2.add(a, f64x2.mul(value, v128.load(at)))
    b = f64x2.add(b, f64x2.mul(value, v128.load(at, 16)))
    c = f64x2.add(c, f64x2.mul(value, v128.load(at, 32)))
    d = f64x2.add(d, f64x2.mul(value, v128.load(at, 48)))
  }
  const scales = f64x2.splat(scale)
  a = f64x2.mul(a, scales)
  b = f64x2.mul(b, scales)
  c = f64x2.mul(c, scales)
  d = f64x2.mul(d, scales)
  v128.store(head, f64x2.sub(v128.load(head), f64x2.mul(firsts, a)))
  v128.store(head, f64x2.sub(v128.load(head, 16), f64x2.mul(firsts, b)), 16)
  v128.store(head, f64x2.sub(v128.load(head, 32), f64x2.mul(firsts, c)), 32)
  v128.store(head, f64x2.sub(v128.load(head, 48), f64x2.mul(firsts, d)), 48)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    const value = v128.load64_splat(p)
    v128.store(at, f64x2.sub(v128.load(at), f64x2.mul(value, a)))
    v128.store(at, f64x2.sub(v128.load(at, 16), f64x2.mul(value, b)), 16)
    v128.store(at, f64x2.sub(v128.load(at, 32), f64x2.mul(value, c)), 32)
    v128.store(at, f64x2.sub(v128.load(at, 48), f64x2.mul(value, d)), 48)
  }
}

/** Like `reflectTwo`, but for one column. @inline */
function reflectOne(
  head: usize,
  x: usize,
  v: usize,
  end: usize,
  pitch: usize,
  first: f64,
  scale: f64
): void {
  let along = first * load<f64>(head)
  for (let p = v, at = x; p < end; p += 8, at += pitch) along += load<f64>(p) * load<f64>(at)
  along *= scale
  store<f64>(head, load<f64>(head) - first * along)
  for (let p = v, at = x; p < end; p += 8, at += pitch) {
    store<f64>(at, load<f64>(at) - load<f64>(p) * along)
  }
}

/** Takes rows into a factor. If `ragged`, row i has zeros before its column i, which saves most of the work. */
export function koopman_absorb(
  factor: usize,
  width: i32,
  rows: usize,
  count: i32,
  ragged: bool,
  v: usize
): void {
  const pitch = (<usize>width) << 3
  let head = factor
  for (let j = 0, x = rows; j < width; j++, x += 8) {
    const used = ragged ? min<i32>(count, j + 1) : count
    const end = v + ((<usize>used) << 3)
    const own = load<f64>(head)
    let largest: f64 = 0
    for (let p = v, at = x; p < end; p += 8, at += pitch) {
      largest = max<f64>(largest, abs<f64>(load<f64>(at)))
    }
    let columns = width - 1 - j
    const next = head + ((<usize>(columns + 1)) << 3)
    if (largest !== 0) {
      largest = max<f64>(largest, abs<f64>(own))
      let square = (own / largest) * (own / largest)
      for (let p = v, at = x; p < end; p += 8, at += pitch) {
        const value = load<f64>(at) / largest
        store<f64>(p, value)
        square += value * value
      }
      const norm = sqrt<f64>(square)
      const first = own / largest + (own < 0 ? -norm : norm)
      const scale = 2 / (square - (own / largest) * (own / largest) + first * first)
      store<f64>(head, own < 0 ? norm * largest : -norm * largest)
      let at = x + 8
      head += 8
      for (; columns >= 8; columns -= 8, head += 64, at += 64) {
        reflectEight(head, at, v, end, pitch, first, scale)
      }
      for (; columns >= 2; columns -= 2, head += 16, at += 16) {
        reflectTwo(head, at, v, end, pitch, first, scale)
      }
      if (columns > 0) reflectOne(head, at, v, end, pitch, first, scale)
    }
    head = next
  }
}
