import { reference } from '#reference/stages/cmd'
import { base, relaxed } from '#wasm/cmd'
import type { KernelSource } from '../../kernels/arena.ts'

/** A piece of a block and a tile of state, as the moments take them. */
export type Moments = readonly [
  x: number,
  stride: number,
  eb: number,
  first: number,
  count: number,
  high: number,
  low: number,
  piece: number,
  weights: number,
  rho: number,
  width: number,
  modes: number,
  tile: number,
]

/** The kernels of `assembly/cmd.ts`, which says what each does and how a tile of state is laid out. */
export interface CmdKernels {
  cmd_moments_all(...args: [...Moments, scratch: number]): void
  cmd_moments_own(...args: Moments): void
  cmd_choose(scale: number, modes: number, tile: number, scratch: number): void
  cmd_check(scale: number, modes: number, tile: number): void
  cmd_propose(
    b: number,
    eb: number,
    kept: number,
    references: number,
    scale: number,
    modes: number,
    tile: number,
    scratch: number
  ): void
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
  reference,
}
