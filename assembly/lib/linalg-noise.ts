// Random matrices for nulls: normal numbers in panels of f64. Each number depends only on the seed and on its place in the panels, so every
// shard draws the same ones.
import { cosine4, mix, mix4, radius4 } from './normal'
import { sum64 } from './simd'

/** Stores four numbers as f64, with zeros for a row that does not exist and for columns beyond `columns`. Returns their squares. @inline */
function row(p: usize, x: v128, hasRow: bool, columns: i32): v128 {
  const lanes = i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(hasRow ? columns : 0))
  const kept = v128.and(x, lanes)
  const low = f64x2.promote_low_f32x4(kept)
  const high = f64x2.promote_low_f32x4(v128.shuffle<i64>(kept, kept, 1, 1))
  v128.store(p, low)
  v128.store(p, high, 16)
  return f64x2.add(f64x2.mul(low, low), f64x2.mul(high, high))
}

/** Writes `rows` x `columns` normal numbers to panels of `long` rows of f64, with zeros beyond them. Returns the sum of their squares. */
export function noise(y: usize, rows: i32, columns: i32, long: i32, seed: u32): f64 {
  const panels = ((columns + 7) & ~7) >> 2
  let squares = f64x2.splat(0)
  for (let j = 0; j < panels; j++) {
    const key = i32x4.splat(mix(seed ^ mix(j)))
    let counter = i32x4(0, 1, 2, 3)
    for (let i = 0; i < long; i += 2) {
      const h = mix4(v128.xor(key, mix4(counter)))
      const radius = radius4(h)
      const angle = mix4(v128.xor(h, i32x4.splat(0x9e3779b9)))
      const first = f32x4.mul(radius, cosine4(angle))
      const second = f32x4.mul(radius, cosine4(i32x4.sub(angle, i32x4.splat(0x40000000))))
      squares = f64x2.add(squares, row(y, first, i < rows, columns - 4 * j))
      squares = f64x2.add(squares, row(y + 32, second, i + 1 < rows, columns - 4 * j))
      counter = i32x4.add(counter, i32x4.splat(4))
      y += 64
    }
  }
  return sum64(squares)
}
