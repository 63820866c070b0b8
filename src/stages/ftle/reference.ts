import { pushTile, tileRows } from '../../stage/index.ts'
import type { FtleKernels } from './kernels.gen.ts'

/** `assembly/ftle.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): FtleKernels {
  const memory = new DataView(buffer)
  const f32 = (p: number): number => memory.getFloat32(p, true)
  const f64 = (p: number): number => memory.getFloat64(p, true)
  const u32 = (p: number): number => memory.getUint32(p, true)

  return {
    ftle_grams: ({ table, p, n, elementBytes, weights, high, low, tile, tiles, index, sums }) => {
      let { depth } = sums
      const perColumn = (p * (p + 3)) / 2
      const width = 2 + n * perColumn
      const d = new Float64Array(p)
      for (let t = 0; t < tiles; t++) {
        const values = new Float64Array(width)
        for (let r = 0; r < tileRows; r++) {
          const row = (tile + t) * tileRows + r
          if (weights > 0) {
            const w = f32(weights + 4 * row) + (f32(high + 4 * row) + f32(low + 4 * row))
            values[1]! += w * w
          }
          const separated = (m: number): boolean => u32(table + 12 * m) > 0
          for (let m = 0; m < p; m++) {
            if (separated(m)) d[m] = f64(u32(table + 12 * m) + 8 * row)
          }
          for (let j = 0; j < n; j++) {
            let at = 2 + j * perColumn
            for (let m = 0; m < p; m++) {
              const x = u32(table + 12 * m + 4) + j * u32(table + 12 * m + 8)
              const c = elementBytes === 8 ? f64(x + 8 * row) : f32(x + 4 * row)
              d[m] = separated(m) ? d[m]! + c : c
              for (let q = 0; q <= m; q++) values[at++]! += d[m]! * d[q]!
            }
            for (let m = 0; m < p; m++) values[at++]! += separated(m) ? Math.abs(d[m]!) : 0
          }
        }
        depth = pushTile(buffer, sums, depth, values, index + t)
      }
      return depth
    },
  }
}
