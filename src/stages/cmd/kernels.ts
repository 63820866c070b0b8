import { base, relaxed } from '#wasm/cmd'
import type { KernelSource } from '../../kernels/arena.ts'
import { cmdTwin } from './twin.ts'

/** The kernels of `assembly/cmd.ts`, which says what each does and how a tile of state is laid out. */
export interface CmdKernels {
  cmd_moments_all(
    x: number,
    stride: number,
    eb: number,
    count: number,
    high: number,
    low: number,
    take: number,
    piece: number,
    rho: number,
    width: number,
    modes: number,
    tile: number,
    scratch: number
  ): void
  cmd_moments_own(
    x: number,
    stride: number,
    eb: number,
    count: number,
    high: number,
    low: number,
    take: number,
    piece: number,
    rho: number,
    width: number,
    modes: number,
    tile: number
  ): void
  cmd_choose(scale: number, modes: number, tile: number, scratch: number): void
  cmd_measure(
    tile: number,
    scale: number,
    modes: number,
    limit: number,
    counts: number,
    index: number,
    from: number,
    stack: number,
    depth: number
  ): number
  cmd_distances(matrix: number, k: number, width: number, distances: number): void
}

export const cmdKernels: KernelSource<CmdKernels> = {
  name: 'cmd',
  modules: { base, relaxed },
  twin: cmdTwin,
}
