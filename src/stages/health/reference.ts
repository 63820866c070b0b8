import { pushTile, tileRows } from '../../stage/index.ts'
import type { HealthKernels } from './kernels.gen.ts'

/** `assembly/health.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): HealthKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const element = (p: number, row: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(p + 8 * row, true) : f32(p + 4 * row)

  return {
    health_norms: (v) => {
      const { x, stride, count, elementBytes, weights, high, low, moved, keep, index, sums } = v
      let { depth } = sums
      for (let tile = 0; tile < v.tiles; tile++) {
        const values = new Float64Array(4 + 2 * count)
        for (let row = tile * tileRows; row < (tile + 1) * tileRows; row++) {
          const column = Array.from({ length: count }, (_, j) =>
            element(x + j * stride, row, elementBytes)
          )
          const before = f32(high + 4 * row) + f32(low + 4 * row)
          const position = column.reduce((sum, value) => sum + value, before)
          const weight = position + (weights === 0 ? 0 : f32(weights + 4 * row))
          values[1]! += weight * weight
          values[2]! += position * position
          column.forEach((value, j) => {
            values[4 + j]! += value * value
            if (j + 1 < count) values[4 + count + j]! += value * column[j + 1]!
          })
          const has = memory.getUint8(moved + row) | Number(column.some((value) => value !== 0))
          values[3]! += 1 - has
          if (keep) memory.setUint8(moved + row, has)
        }
        depth = pushTile(buffer, sums, depth, values, index + tile)
      }
      return depth
    },
  }
}
