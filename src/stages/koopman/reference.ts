import { eigenvalues } from '../../linalg/eigenvalues.ts'
import { turnAllRows } from '../../linalg/row-sweeps.ts'
import { absorb, triangleSize } from '../../linalg/triangular.ts'
import { pushTile, tileRows } from '../../stage/index.ts'
import type { KoopmanKernels } from './kernels.gen.ts'

/** `assembly/koopman.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): KoopmanKernels {
  const memory = new DataView(buffer)
  const element = (first: number, i: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(first + 8 * i, true) : memory.getFloat32(first + 4 * i, true)

  const view = (at: number, length: number): Float64Array => new Float64Array(buffer, at, length)

  return {
    koopman_absorb: ({ factor, width, rows, count, ragged }) =>
      absorb(view(factor, triangleSize(width)), width, view(rows, count * width), count, ragged),
    koopman_turn_rows: ({ rows, n, columns }) =>
      Number(turnAllRows(view(rows, n * columns), n, columns)),
    koopman_eigenvalues: ({ h, n, values }) => {
      const found = eigenvalues(view(h, n * n), n)
      if (!found) return 0
      view(values, 2 * n).set(found.flatMap(({ re, im }) => [re, im]))
      return 1
    },
    koopman_project: (v) => {
      const { kept, vectors, storageBytes } = v
      let { depth } = v.sums
      for (let t = 0; t < v.tiles; t++) {
        const values = new Float64Array(1 + kept * vectors)
        for (let m = 0; m < vectors; m++) {
          const address = memory.getUint32(v.table + 8 * m, true)
          const bytes = memory.getUint32(v.table + 8 * m + 4, true)
          for (let i = 0; i < kept; i++) {
            let sum = 0
            for (let r = 0; r < tileRows; r++) {
              const b = element(v.b, ((v.own + t) * v.room + i) * tileRows + r, storageBytes)
              sum += b * element(address, (v.tile + t) * tileRows + r, bytes)
            }
            values[1 + m * kept + i] = sum
          }
        }
        depth = pushTile(buffer, v.sums, depth, values, v.index + t)
      }
      return depth
    },
  }
}
