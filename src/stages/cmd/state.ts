import { tileRows } from '../../engine/scope.ts'
import type { Arena } from '../../kernels/arena.ts'

/** The mode byte of a row that had not moved when modes were chosen. */
export const noMode = 255

/** Following samples; moments against all references; moments against each row's own. */
export const phase = { warmup: 0, choose: 1, track: 2 } as const

/** Bytes of state per tile: mode, mean, E, and C for every candidate in f32 or for the chosen one in f64. */
export function tileBytes(modes: number): number {
  return tileRows * (1 + 8 + 8 + 4 * Math.max(2, modes))
}

/** A tile of state. `candidates` and `cross` are the same bytes: C of all references, then of the chosen one. */
export function openTile(buffer: ArrayBuffer, address: number, modes: number) {
  const mean = address + tileRows
  const energy = mean + 8 * tileRows
  const cross = energy + 8 * tileRows
  return {
    mode: new Uint8Array(buffer, address, tileRows),
    mean: new Float64Array(buffer, mean, tileRows),
    energy: new Float64Array(buffer, energy, tileRows),
    candidates: new Float32Array(buffer, cross, modes * tileRows),
    cross: new Float64Array(buffer, cross, tileRows),
  }
}

/** Places of the header's single figures. */
export const slot = {
  /** One of `phase`. */
  phase: 0,
  /** Recorded steps in the trajectories of the warm-up. */
  recorded: 1,
  /** Recorded steps in the moments. */
  samples: 2,
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

const figures = 9

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

interface HeaderShape {
  readonly modes: number
  readonly samples: number
  readonly warmup: number
}

export function headerBytes({ modes, samples, warmup }: HeaderShape): number {
  return 8 * (figures + 4 * modes + samples * warmup)
}

export function openHeader(arena: Arena, address: number, shape: HeaderShape): CmdHeader {
  let next = address
  const take = (length: number): Float64Array => {
    next += 8 * length
    return arena.f64(next - 8 * length, length)
  }
  return {
    figures: take(figures),
    reference: take(shape.modes),
    mean: take(shape.modes),
    energy: take(shape.modes),
    weight: take(shape.modes),
    trajectories: take(shape.samples * shape.warmup),
  }
}
