import { tileRows } from '../../engine/scope.ts'
import { pushTile } from '../../kernels/sums.ts'
import type { Panel, SvdKernels } from './kernels.ts'

/** `assembly/svd.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): SvdKernels {
  const memory = new DataView(buffer)
  const get = (p: number, i: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(p + 8 * i, true) : memory.getFloat32(p + 4 * i, true)
  const set = (p: number, i: number, bytes: number, value: number): void =>
    bytes === 8
      ? memory.setFloat64(p + 8 * i, value, true)
      : memory.setFloat32(p + 4 * i, value, true)

  const centred = ([, , , , x, stride, eb, n, mean, high, low, u]: Panel, row: number): number => {
    let q = get(mean, row, 8) - get(high, row, 4) - get(low, row, 4)
    for (let j = 0; j < n; j++) q -= get(u, j, 8) * get(x + j * stride, row, eb)
    return q
  }

  /** One row of M. */
  const rowOf = (m: Panel, row: number): number[] => {
    const [b, sb, room, l, x, stride, eb, n, mean] = m
    const tile = Math.floor(row / tileRows)
    const values: number[] = []
    for (let i = 0; i < l; i++) {
      values.push(get(b, (tile * room + i) * tileRows + (row % tileRows), sb))
    }
    for (let j = 0; j < n; j++) values.push(get(x + j * stride, row, eb))
    if (mean !== 0) values.push(centred(m, row))
    return values
  }

  /** out <- M R for R's entries by rows. */
  const turn = (
    m: Panel,
    tiles: number,
    r: (i: number) => number,
    kept: number,
    out: number,
    outRoom: number
  ): void => {
    for (let row = 0; row < tiles * tileRows; row++) {
      const values = rowOf(m, row)
      const tile = Math.floor(row / tileRows)
      for (let j = 0; j < kept; j++) {
        let sum = 0
        values.forEach((value, i) => {
          sum += value * r(i * kept + j)
        })
        set(out, (tile * outRoom + j) * tileRows + (row % tileRows), m[1], sum)
      }
    }
  }

  const kernels: SvdKernels = {
    svd_gram(...args) {
      const m = args.slice(0, 12) as unknown as Panel
      const [tiles, index, from, stack, start] = args.slice(12) as [
        number,
        number,
        number,
        number,
        number,
      ]
      let depth = start
      for (let tile = 0; tile < tiles; tile++) {
        const rows = Array.from({ length: tileRows }, (_, r) => rowOf(m, tile * tileRows + r))
        const k = rows[0]!.length
        const sums = new Float64Array(1 + (k * (k + 1)) / 2)
        let at = 1
        for (let i = 0; i < k; i++) {
          for (let j = i; j < k; j++, at++) {
            for (const row of rows) sums[at]! += row[i]! * row[j]!
          }
        }
        depth = pushTile(buffer, stack, depth, sums, index + tile, from)
      }
      return depth
    },
    svd_rotate(...args) {
      const m = args.slice(0, 12) as unknown as Panel
      const [tiles, r, kept, , out, outRoom] = args.slice(12) as [
        number,
        number,
        number,
        number,
        number,
        number,
      ]
      turn(m, tiles, (i) => get(r, i, 8), kept, out, outRoom)
    },
    svd_gram_single: (b, room, l, x, stride, n, ...rest) =>
      kernels.svd_gram(b, 4, room, l, x, stride, 4, n, 0, 0, 0, 0, ...rest),
    svd_rotate_single(b, room, l, x, stride, n, tiles, r, kept) {
      const m: Panel = [b, 4, room, l, x, stride, 4, n, 0, 0, 0, 0]
      turn(m, tiles, (i) => get(r, i, 4), kept, b, room)
    },
    svd_mean(x, stride, eb, n, mean, high, low, u, rows, w) {
      const m: Panel = [0, 0, 0, 0, x, stride, eb, n, mean, high, low, u]
      for (let row = 0; row < rows; row++) {
        set(mean, row, 8, get(mean, row, 8) - w * centred(m, row))
      }
    },
  }
  return kernels
}
