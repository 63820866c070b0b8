import { pushTile, tileRows } from '../../stage/index.ts'
import type { HealthKernels } from './kernels.gen.ts'

/** `assembly/health.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): HealthKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const element = (p: number, row: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(p + 8 * row, true) : f32(p + 4 * row)

  return {
    health_norms: ({ x, stride, count, elementBytes, weights, high, low, tiles, index, sums }) => {
      let { depth } = sums
      for (let tile = 0; tile < tiles; tile++) {
        const values = new Float64Array(2 + count)
        for (let row = tile * tileRows; row < (tile + 1) * tileRows; row++) {
          let w = f32(high + 4 * row) + f32(low + 4 * row)
          if (weights !== 0) w += f32(weights + 4 * row)
          for (let j = 0; j < count; j++) {
            const value = element(x + j * stride, row, elementBytes)
            w += value
            values[2 + j]! += value * value
          }
          values[1]! += w * w
        }
        depth = pushTile(buffer, sums, depth, values, index + tile)
      }
      return depth
    },
  }
}
