import { mix, pushTile, tileRows } from '../../stage/index.ts'
import type { PathKernels } from './kernels.gen.ts'

/** 1.5 2^52: adding this and subtracting it again rounds to an integer. */
const integer = 6755399441055744

/** `assembly/path.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): PathKernels {
  const memory = new DataView(buffer)
  const f32 = (at: number): number => memory.getFloat32(at, true)

  return {
    path_squares: ({ x, elementBytes, layer, width, tiles, index, sums }) => {
      let { depth } = sums
      for (let t = 0; t < tiles; t++) {
        const values = new Float64Array(width)
        for (let row = t * tileRows; x !== 0 && row < (t + 1) * tileRows; row++) {
          const value = elementBytes === 8 ? memory.getFloat64(x + 8 * row, true) : f32(x + 4 * row)
          values[1 + layer]! += value * value
        }
        depth = pushTile(buffer, sums, depth, values, index + t)
      }
      return depth
    },

    path_fold: ({ x, scale, slots, folded, seed, tiles, index }) => {
      let largest = 0
      for (let t = 0; t < tiles; t++) {
        const tile = index + t
        const first = folded ? mix(~seed ^ mix(tile)) & 0xffff : tile * tileRows
        for (let i = 0; i < tileRows; i++) {
          const row = f32(x + 4 * (t * tileRows + i))
          largest = Math.max(largest, Math.abs(row))
          const value = row * scale + integer - integer
          const at = slots + 8 * (first + i)
          const own = folded && isNegative(tile * tileRows + i, seed) ? -value : value
          memory.setFloat64(at, memory.getFloat64(at, true) + own, true)
        }
      }
      return largest
    },

    path_products: ({ sketch, others, count, length, out }) => {
      for (let k = 0; k < count; k++) {
        let sum = 0
        for (let i = 0; i < length; i++)
          sum += f32(sketch + 4 * i) * f32(others + 4 * (k * length + i))
        memory.setFloat64(out + 8 * k, sum, true)
      }
    },
  }
}

function isNegative(row: number, seed: number): boolean {
  const word = mix(seed ^ mix(4 * Math.floor(row / 128) + (row % 4)))
  return ((word << ((row % 128) >> 2)) & 0x80000000) !== 0
}
