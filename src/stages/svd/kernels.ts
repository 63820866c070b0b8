import { base, relaxed } from '#wasm/svd'
import type { KernelSource } from '../../kernels/arena.ts'
import { svdTwin } from './twin.ts'

/** M = [B X q] as the kernels take it; `assembly/svd.ts` says what each address is. */
export type Panel = readonly [
  b: number,
  storageBytes: number,
  room: number,
  l: number,
  x: number,
  stride: number,
  elementBytes: number,
  n: number,
  mean: number,
  high: number,
  low: number,
  u: number,
]

export interface SvdKernels {
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
  svd_mean(
    x: number,
    stride: number,
    elementBytes: number,
    n: number,
    mean: number,
    high: number,
    low: number,
    u: number,
    rows: number,
    w: number
  ): void
}

export const svdKernels: KernelSource<SvdKernels> = {
  name: 'svd',
  modules: { base, relaxed },
  twin: svdTwin,
}
