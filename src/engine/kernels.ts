import { twin } from '#twin/engine'
import { base, relaxed } from '#wasm/engine'
import type { KernelSource } from '../kernels/arena.ts'

/** The kernels of `assembly/engine.ts`, which says what each does; `eb` and `ab` are bytes of an element, 4 or 8. */
export interface EngineKernels {
  count_unusable_f32(p: number, n: number): number
  count_unusable_f64(p: number, n: number): number
  bf16_to_f32(source: number, target: number, n: number): void
  f16_to_f32(source: number, target: number, n: number): void
  f64_to_f32(source: number, target: number, n: number): void
  f32_to_f64(source: number, target: number, n: number): void
  fold(
    x: number,
    eb: number,
    n: number,
    target: number,
    run: number,
    at: number,
    seed: number
  ): void
  fold_sparse(
    i: number,
    v: number,
    eb: number,
    n: number,
    target: number,
    offset: number,
    from: number,
    to: number,
    seed: number
  ): void
  difference(x: number, zero: number, n: number, eb: number): void
  accumulate(sum: number, x: number, n: number, eb: number): void
  settle(sum: number, x: number, n: number, eb: number): void
  advance_positions(
    high: number,
    low: number,
    x: number,
    stride: number,
    count: number,
    n: number,
    eb: number
  ): void
  advance_separation(
    separation: number,
    x: number,
    stride: number,
    count: number,
    n: number,
    eb: number
  ): void
  anchor_positions(
    anchor: number,
    ab: number,
    known: number,
    weights: number,
    high: number,
    low: number,
    table: number,
    count: number,
    eb: number,
    sum: number,
    tiles: number,
    index: number,
    from: number,
    stack: number,
    depth: number
  ): number
  anchor_separation(
    separation: number,
    anchor: number,
    zero: number,
    ab: number,
    table: number,
    count: number,
    eb: number,
    sum: number,
    zeroSum: number,
    tiles: number,
    index: number,
    from: number,
    stack: number,
    depth: number
  ): number
  null_tile(
    x: number,
    stride: number,
    count: number,
    eb: number,
    energy: number,
    commit: number,
    out: number,
    outStride: number,
    seed: number,
    tile: number,
    step: number,
    slot: number
  ): void
  scale_f32(x: number, n: number, scale: number): void
}

export const engineKernels: KernelSource<EngineKernels> = {
  name: 'engine',
  modules: { base, relaxed },
  twin,
}
