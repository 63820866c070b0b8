import { reference } from '#reference/stages/ftle'
import { base, relaxed } from '#wasm/ftle'
import type { KernelSource } from '../../kernels/arena.ts'

/** The kernels of `assembly/ftle.ts`, which says what each does. */
export interface FtleKernels {
  ftle_grams(
    table: number,
    p: number,
    n: number,
    eb: number,
    weights: number,
    high: number,
    low: number,
    d: number,
    tile: number,
    tiles: number,
    index: number,
    from: number,
    stack: number,
    depth: number
  ): number
}

export const ftleKernels: KernelSource<FtleKernels> = {
  name: 'ftle',
  modules: { base, relaxed },
  reference,
}
