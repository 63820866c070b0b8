import { reference } from '#reference/stages/health'
import { base, relaxed } from '#wasm/health'
import type { KernelSource } from '../../kernels/arena.ts'

export interface HealthKernels {
  /** Norms of `count` columns and of the weights after them, per tile; returns the tree's new depth. */
  health_norms(
    x: number,
    stride: number,
    count: number,
    eb: number,
    weights: number,
    high: number,
    low: number,
    tiles: number,
    index: number,
    from: number,
    stack: number,
    depth: number
  ): number
}

export const healthKernels: KernelSource<HealthKernels> = {
  name: 'health',
  modules: { base, relaxed },
  reference,
}
