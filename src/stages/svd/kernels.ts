import { reference } from '#reference/stages/svd'
import { base, relaxed } from '#wasm/svd'
import type { KernelSource } from '../../kernels/arena.ts'
import { upperIndex } from '../../linalg/matrix.ts'

/** X and the positions before it, which make q. */
type Positions = readonly [
  x: number,
  stride: number,
  elementBytes: number,
  n: number,
  mean: number,
  high: number,
  low: number,
  u: number,
]

/** M = [B X q] as the kernels take it; `assembly/svd.ts` says what each address is. */
export type Panel = readonly [
  b: number,
  storageBytes: number,
  room: number,
  l: number,
  ...positions: Positions,
]

/** M = [B X] in f32 alone, for the kernels that `fast` uses. */
export type SinglePanel = readonly [
  b: number,
  room: number,
  l: number,
  x: number,
  stride: number,
  n: number,
]

export function singlePanel([b, , room, l, x, stride, , n]: Panel): SinglePanel {
  return [b, room, l, x, stride, n]
}

/** Whether products of f32 neither overflowed nor vanished, by the largest diagonal entry of C (packed). */
export function inRange(c: Float64Array, size: number, rows: number): boolean {
  let largest = 0
  for (let i = 0; i < size; i++) largest = Math.max(largest, c[upperIndex(size, i, i)]!)
  return largest >= 2 ** -100 * rows && c.every(Number.isFinite)
}

export interface SvdKernels {
  svd_gram_single(
    ...args: [
      ...m: SinglePanel,
      tiles: number,
      index: number,
      from: number,
      stack: number,
      depth: number,
      panel: number,
    ]
  ): number
  svd_rotate_single(
    ...args: [...m: SinglePanel, tiles: number, r: number, kept: number, panel: number]
  ): void
  svd_gram(
    ...args: [
      ...m: Panel,
      tiles: number,
      index: number,
      from: number,
      stack: number,
      depth: number,
      panel: number,
    ]
  ): number
  svd_rotate(
    ...args: [
      ...m: Panel,
      tiles: number,
      r: number,
      kept: number,
      panel: number,
      out: number,
      outRoom: number,
    ]
  ): void
  svd_mean(...args: [...positions: Positions, rows: number, w: number]): void
}

export const svdKernels: KernelSource<SvdKernels> = {
  name: 'svd',
  modules: { base, relaxed },
  reference,
}
