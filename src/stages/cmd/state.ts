import { type Header, tileRows } from '../../stage/index.ts'
import { samplesIn } from './sample.ts'
import type { CmdOptions, CmdShape } from './spec.ts'

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

/** What a header holds, the same on every shard. */
export type CmdHeader = Header<ReturnType<typeof headerShape>>

export const headerShape = (
  { scope, facts }: CmdShape,
  { modes, samples, warmup }: CmdOptions
) => ({
  words: [
    /** One of `phase`. */
    'phase',
    /** Recorded steps in the trajectories of the warm-up. */
    'recorded',
    /** Recorded steps in the moments. */
    'samples',
    /** References, once they are known. */
    'modes',
    /** First and last step in the moments. */
    'from',
    'to',
    /** Pieces that were added to C in f32. */
    'rounded',
    /** Since the start: marks that break a window, and columns that were no samples. */
    'breaks',
    'skipped',
    /** The weights of the steps in the moments, which fade with age. */
    'weight',
  ] as const,
  lists: {
    /** For each mode: which sample its reference is, mean and sum of squares R_mm of its position, its first weight. */
    reference: modes,
    mean: modes,
    energy: modes,
    origin: modes,
    /** Positions of the samples, `warmup` for each; none where a factor stands for them. */
    trajectories: facts.factor ? 0 : samplesIn(scope, samples) * warmup,
  },
})
