// The sketch: elements of columns are added, with random signs, to fewer rows (src/engine/planning/fold.ts defines rows and signs). Sums
// run in f64; values for the same row are added in the order in which they come. No scratch.
import { mix, mix4 } from './normal'

/** Adds four values with the signs in the top bits of `flip`, in f64. @inline */
function foldFour<T>(x: usize, flip: v128, target: usize): void {
  let low: v128, high: v128
  if (sizeof<T>() === 8) {
    const zero = i32x4.splat(0)
    low = v128.xor(v128.load(x), v128.shuffle<i32>(zero, flip, 0, 4, 1, 5))
    high = v128.xor(v128.load(x, 16), v128.shuffle<i32>(zero, flip, 2, 6, 3, 7))
  } else {
    const signed = v128.xor(v128.load(x), flip)
    low = f64x2.promote_low_f32x4(signed)
    high = f64x2.promote_low_f32x4(v128.shuffle<i64>(signed, signed, 1, 1))
  }
  v128.store(target, f64x2.add(v128.load(target), low))
  v128.store(target, f64x2.add(v128.load(target, 16), high), 16)
}

/** Element i of a run of 128 has the sign of bit 31 - i / 4 of word i mod 4, mix(seed ^ mix(4 run + i mod 4)). @inline */
function foldOf<T>(x: usize, n: i32, target: usize, run: u32, at: u32, seed: u32): void {
  const end = x + <usize>n * sizeof<T>()
  while (x < end) {
    if (at === 0 && x + 128 * sizeof<T>() <= end) {
      let signs = mix4(
        v128.xor(i32x4.splat(seed), mix4(i32x4.add(i32x4.splat(run << 2), i32x4(0, 1, 2, 3))))
      )
      for (let i = 0; i < 32; i++) {
        foldFour<T>(x, v128.and(signs, i32x4.splat(0x80000000)), target)
        signs = i32x4.shl(signs, 1)
        x += 4 * sizeof<T>()
        target += 32
      }
    } else {
      for (; at < 128 && x < end; at++) {
        const minus = ((mix(seed ^ mix((run << 2) + (at & 3))) << (at >> 2)) & 0x80000000) !== 0
        const value = <f64>load<T>(x)
        store<f64>(target, load<f64>(target) + (minus ? -value : value))
        x += sizeof<T>()
        target += 8
      }
      at = 0
    }
    run++
  }
}

/** target <- target + s x, in f64, where s are the signs of the elements starting at `at` of run `run` (src/engine/planning/fold.ts). */
export function fold(
  x: usize,
  elementBytes: i32,
  n: i32,
  target: usize,
  run: u32,
  at: u32,
  seed: u32
): void {
  if (elementBytes === 8) foldOf<f64>(x, n, target, run, at, seed)
  else foldOf<f32>(x, n, target, run, at, seed)
}

/**
 * The same for n single elements: adds values[k] for element offset + indices[k] to its row of the 65,536 (src/engine/planning/fold.ts) if
 * that row lies in [from, to). `target` is row `from`.
 */
export function fold_sparse(
  indices: usize,
  values: usize,
  elementBytes: i32,
  n: i32,
  target: usize,
  offset: f64,
  from: u32,
  to: u32,
  seed: u32
): void {
  const end = indices + ((<usize>n) << 2)
  for (; indices < end; indices += 4, values += elementBytes) {
    const place = <u64>offset + <u64>load<u32>(indices)
    const row = (<u32>place + mix(~seed ^ mix(<u32>(place >> 16)))) & 0xffff
    if (row < from || row >= to) continue
    const signs = mix(seed ^ mix(((<u32>(place >> 7)) << 2) + (<u32>place & 3)))
    const value = elementBytes === 8 ? load<f64>(values) : <f64>load<f32>(values)
    const minus = ((signs << ((<u32>place & 127) >> 2)) & 0x80000000) !== 0
    const p = target + ((<usize>(row - from)) << 3)
    store<f64>(p, load<f64>(p) + (minus ? -value : value))
  }
}
