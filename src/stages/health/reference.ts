import { tileRows } from '../../engine/scope.ts'
import { pushTile } from '../../kernels/sums.ts'
import type { HealthKernels } from './kernels.ts'

/** `assembly/health.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): HealthKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const element = (p: number, row: number, eb: number): number =>
    eb === 8 ? memory.getFloat64(p + 8 * row, true) : f32(p + 4 * row)

  return {
    health_norms: (x, stride, count, eb, weights, high, low, tiles, index, from, stack, depth) => {
      for (let tile = 0; tile < tiles; tile++) {
        const sums = new Float64Array(2 + count)
        for (let row = tile * tileRows; row < (tile + 1) * tileRows; row++) {
          let w = f32(high + 4 * row) + f32(low + 4 * row)
          if (weights !== 0) w += f32(weights + 4 * row)
          for (let j = 0; j < count; j++) {
            const value = element(x + j * stride, row, eb)
            w += value
            sums[2 + j]! += value * value
          }
          sums[1]! += w * w
        }
        depth = pushTile(buffer, stack, depth, sums, index + tile, from)
      }
      return depth
    },
  }
}
