// Rows of B as they would be if weights had no groups.
import { cosine4, mix, mix4, radius4 } from './normal'

/**
 * Fills `samples`, `kept` columns of `length` f32, with rows z / (zᵀz + rest)^1/2, where z is normal with the deviations of `deviations`,
 * f32. `numbers` has a u32 for each sample: equal numbers give equal rows, and 0 means no number and gives zeros. The normal numbers depend
 * on seed, number and column. `length` is a multiple of 4; everything is f32.
 */
export function cmd_draw(
  numbers: usize,
  deviations: usize,
  kept: i32,
  rest: f64,
  length: i32,
  seed: u32,
  samples: usize
): void {
  const bytes = (<usize>length) << 2
  const end = samples + <usize>kept * bytes
  const beside = f32x4.splat(<f32>rest)
  const zero = i32x4.splat(0)
  for (let r: usize = 0; r < bytes; r += 16) {
    const number = v128.load(numbers + r)
    const row = mix4(number)
    let square = beside
    let key = seed
    let deviation = deviations
    for (let p = samples + r; p < end; p += bytes) {
      key = mix(key + 1)
      const h = mix4(v128.xor(row, i32x4.splat(key)))
      const normal = f32x4.mul(radius4(h), cosine4(mix4(i32x4.add(h, row))))
      const z = f32x4.mul(normal, v128.load32_splat(deviation))
      square = f32x4.add(square, f32x4.mul(z, z))
      v128.store(p, z)
      deviation += 4
    }
    const scale = f32x4.div(f32x4.splat(1), f32x4.sqrt(square))
    const factor = v128.and(i32x4.ne(number, zero), scale)
    for (let p = samples + r; p < end; p += bytes) v128.store(p, f32x4.mul(v128.load(p), factor))
  }
}
