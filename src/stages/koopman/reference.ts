import { assign } from '../../linalg/assignment.ts'
import { eigenvalues } from '../../linalg/eigenvalues.ts'
import { turnAllRows } from '../../linalg/row-sweeps.ts'
import { absorb, triangleSize } from '../../linalg/triangular.ts'
import { pushTile, tileRows } from '../../stage/index.ts'
import { centred, mapOf } from './fitting/moments.ts'
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
    koopman_assign: ({ values, found, n, columns }) => {
      const [own, others] = [view(values, 2 * n), view(found, 2 * n)]
      const cost = Float64Array.from({ length: n * n }, (_, at) => {
        const [i, j] = [2 * Math.floor(at / n), 2 * (at % n)]
        const [x, y] = [own[i]! - others[j]!, own[i + 1]! - others[j + 1]!]
        return Math.sqrt(x * x + y * y)
      })
      new Int32Array(buffer, columns, n).set(assign(cost, n))
    },
    koopman_centred: ({ moments, count, weights, first, modes, out }) => {
      const length = triangleSize(first + 2 * modes)
      const all = Array.from({ length: count }, (_, s) => view(moments + 8 * s * length, length))
      view(out, 4 * modes * modes).set(centred(all, view(weights, count), { modes }, first))
    },
    koopman_map: ({ moments, n, map }) => {
      view(map, n * n).set(mapOf(view(moments, 4 * n * n), n).map)
    },
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
