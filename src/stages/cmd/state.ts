import { tileRows } from '../../engine/scope.ts'
import type { PlanShape } from '../../engine/stage.ts'
import type { Arena } from '../../kernels/arena.ts'
import type { CmdOptions } from './index.ts'
import { samplesIn } from './sample.ts'

/** The mode byte of a row without a mode or a runner-up: one that had not moved when modes were chosen. */
export const noMode = 255

/** Following samples; moments against all references; moments against each row's own and its runner-up. */
export const phase = { warmup: 0, choose: 1, track: 2 } as const

/** Bytes of a tile before its rows. */
const tileHead = 16

/**
 * Bytes of state per tile: the count of exchanges; for each row mode, runner-up, checks it has led, mean, E, and C: for every
 * candidate in f32, then for mode and runner-up in f64.
 */
export function tileBytes(modes: number): number {
  return tileHead + tileRows * (3 + 8 + 8 + 4 * Math.max(4, modes))
}

/** A tile of state. `candidates` are the same bytes as `cross` and `rivalCross`, before and after the choice. */
export function openTile(buffer: ArrayBuffer, address: number, modes: number) {
  let next = address + tileHead
  const bytes = (): Uint8Array => {
    next += tileRows
    return new Uint8Array(buffer, next - tileRows, tileRows)
  }
  const doubles = (): Float64Array => {
    next += 8 * tileRows
    return new Float64Array(buffer, next - 8 * tileRows, tileRows)
  }
  return {
    exchanges: new Uint32Array(buffer, address, 1),
    mode: bytes(),
    rival: bytes(),
    led: bytes(),
    mean: doubles(),
    energy: doubles(),
    candidates: new Float32Array(buffer, next, modes * tileRows),
    cross: doubles(),
    rivalCross: doubles(),
  }
}

/** Places of the header's single figures. */
export const slot = {
  /** One of `phase`. */
  phase: 0,
  /** Recorded steps in the trajectories of the warm-up. */
  recorded: 1,
  /** Recorded steps in the moments, and their weights, which fade with age. */
  samples: 2,
  weight: 9,
  /** References, once they are known. */
  modes: 3,
  /** First and last step in the moments. */
  from: 4,
  to: 5,
  /** Pieces that were added to C in f32. */
  rounded: 6,
  /** Since the start: marks that break a window, and columns that were no samples. */
  breaks: 7,
  skipped: 8,
} as const

const figures = 10

/** What a header holds, all f64 and the same on every shard. */
export interface CmdHeader {
  readonly figures: Float64Array
  /** For each mode: which sample its reference is, mean and sum of squares R_mm of its position, its first weight. */
  readonly reference: Float64Array
  readonly mean: Float64Array
  readonly energy: Float64Array
  readonly weight: Float64Array
  /** Positions of the samples, `warmup` for each. */
  readonly trajectories: Float64Array
}

/** Positions that the warm-up keeps: none where a factor stands for them. */
const trajectoriesOf = ({ scope, upstream }: PlanShape, { samples, warmup }: CmdOptions): number =>
  upstream ? 0 : samplesIn(scope, samples) * warmup

export function headerBytes(shape: PlanShape, options: CmdOptions): number {
  return 8 * (figures + 4 * options.modes + trajectoriesOf(shape, options))
}

export function openHeader(
  arena: Arena,
  address: number,
  shape: PlanShape,
  options: CmdOptions
): CmdHeader {
  let next = address
  const take = (length: number): Float64Array => {
    next += 8 * length
    return arena.f64(next - 8 * length, length)
  }
  return {
    figures: take(figures),
    reference: take(options.modes),
    mean: take(options.modes),
    energy: take(options.modes),
    weight: take(options.modes),
    trajectories: take(trajectoriesOf(shape, options)),
  }
}
