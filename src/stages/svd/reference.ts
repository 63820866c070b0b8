import { pushTile } from '../../kernels/sums.ts'
import { triangleSize } from '../../linalg/triangular.ts'
import { tileRows } from '../../stage/scope.ts'
import type { M, Sums, SvdKernels } from './kernels.gen.ts'
import { choose } from './storing/reference.ts'

/** `assembly/svd.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): SvdKernels {
  const memory = new DataView(buffer)
  const get = (p: number, i: number, bytes: number): number =>
    bytes === 8 ? memory.getFloat64(p + 8 * i, true) : memory.getFloat32(p + 4 * i, true)
  const set = (p: number, i: number, bytes: number, value: number): void =>
    bytes === 8
      ? memory.setFloat64(p + 8 * i, value, true)
      : memory.setFloat32(p + 4 * i, value, true)

  const centred = (m: Parameters<SvdKernels['svd_mean']>[0]['m'], row: number): number => {
    let q = get(m.mean, row, 8) - get(m.high, row, 4) - get(m.low, row, 4)
    for (let j = 0; j < m.n; j++) {
      q -= get(m.u, j, 8) * get(m.x + j * m.stride, row, m.elementBytes)
    }
    return q
  }

  /** One row of M. */
  const rowOf = (m: M, row: number): number[] => {
    const { b, storageBytes, room, l, x, stride, elementBytes, n, mean } = m
    const tile = Math.floor(row / tileRows)
    const values: number[] = []
    for (let i = 0; i < l; i++) {
      values.push(get(b, (tile * room + i) * tileRows + (row % tileRows), storageBytes))
    }
    for (let j = 0; j < n; j++) values.push(get(x + j * stride, row, elementBytes))
    if (mean !== 0) values.push(centred(m, row))
    return values
  }

  /** out <- M R, with the entries of R by rows. */
  const turn = (
    m: M,
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
        set(out, (tile * outRoom + j) * tileRows + (row % tileRows), m.storageBytes, sum)
      }
    }
  }

  /** C of M, pushed tile by tile. */
  const gram = (m: M, known: number, tiles: number, index: number, sums: Sums): number => {
    let { depth } = sums
    for (let tile = 0; tile < tiles; tile++) {
      const rows = Array.from({ length: tileRows }, (_, r) => rowOf(m, tile * tileRows + r))
      const k = rows[0]!.length
      const values = new Float64Array(1 + triangleSize(k) - triangleSize(known))
      let at = 1
      for (let i = 0; i < k; i++) {
        for (let j = Math.max(i, known); j < k; j++, at++) {
          for (const row of rows) values[at]! += row[i]! * row[j]!
        }
      }
      depth = pushTile(buffer, sums, depth, values, index + tile)
    }
    return depth
  }

  /** S <- M_S + M_R C in place, with the entries of C by rows. */
  const eliminate = (
    { tiles, plan, kept, rest, ...values }: Eliminated,
    c: (i: number) => number
  ): void => {
    const m = { ...values.m, ...single, n: 0 }
    const listed = Array.from({ length: kept + rest }, (_, i) =>
      memory.getInt32(plan + 4 * i, true)
    )
    m.n = Math.max(...listed) + 1 - m.l
    for (let row = 0; row < tiles * tileRows; row++) {
      const from = rowOf(m, row)
      const tile = Math.floor(row / tileRows)
      for (let j = 0; j < kept; j++) {
        let sum = from[listed[j]!]!
        for (let i = 0; i < rest; i++) sum += from[listed[kept + i]!]! * c(i * kept + j)
        set(m.b, (tile * m.room + j) * tileRows + (row % tileRows), 4, sum)
      }
    }
  }

  return {
    svd_gram: ({ m, known, tiles, index, sums }) => gram(m, known, tiles, index, sums),
    svd_gram_single: ({ m, known, tiles, index, sums }) =>
      gram({ ...m, ...single }, known, tiles, index, sums),
    svd_rotate: ({ m, tiles, r, kept, out, outRoom }) =>
      turn(m, tiles, (i) => get(r, i, 8), kept, out, outRoom),
    svd_rotate_single: ({ m, tiles, r, kept }) =>
      turn({ ...m, ...single }, tiles, (i) => get(r, i, 4), kept, m.b, m.room),
    svd_eliminate: (values) => eliminate(values, (i) => get(values.c, i, 8)),
    svd_eliminate_single: (values) => eliminate(values, (i) => get(values.c, i, 4)),
    svd_pivots: ({ a, n, count, rowOf, isChosen, largest }) => {
      const chosen = {
        rowOf: new Int32Array(buffer, rowOf, count),
        isChosen: new Int32Array(buffer, isChosen, n),
      }
      return Number(choose(new Float64Array(buffer, a, (n + count) * count), chosen, largest))
    },
    svd_mean({ m, rows, w }) {
      for (let row = 0; row < rows; row++) {
        set(m.mean, row, 8, get(m.mean, row, 8) - w * centred(m, row))
      }
    },
  }
}

type Eliminated = Parameters<SvdKernels['svd_eliminate']>[0]

/** M of f32 only, without q. */
const single = { storageBytes: 4, elementBytes: 4, mean: 0, high: 0, low: 0, u: 0 }
