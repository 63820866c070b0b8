import { type Header, tileRows } from '../../stage/index.ts'
import type { CmdOptions } from './spec.ts'

/** Columns of the factor as the kernels take them, in fours. */
export const columnsOf = ({ columns }: CmdOptions): number => 4 * Math.ceil(columns / 4)

/** Bytes of a tile before its rows. */
const tileHead = 16

/** Bytes of state per tile: the counter of changes; for each row mode, mean, E and the columns of B. */
export function tileBytes(columns: number): number {
  return tileHead + tileRows * (1 + 8 + 8 + 4 * columns)
}

/** A tile of state as `assembly/cmd.ts` lays it out: modes count from 1 on, 0 is none. */
export function openTile(buffer: ArrayBuffer, address: number, columns: number) {
  const mode = address + tileHead
  const mean = mode + tileRows
  const energy = mean + 8 * tileRows
  return {
    changes: new Uint32Array(buffer, address, 1),
    mode: new Uint8Array(buffer, mode, tileRows),
    mean: new Float64Array(buffer, mean, tileRows),
    energy: new Float64Array(buffer, energy, tileRows),
    factor: new Float32Array(buffer, energy + 8 * tileRows, tileRows * columns),
  }
}

/** How many draws of the null are compared with. */
export const drawsKept = 16

/** What a header holds, the same on every shard. */
export type CmdHeader = Header<ReturnType<typeof headerShape>>

export const headerShape = (options: CmdOptions) => ({
  words: [
    /** Positions in the window, and the sum of their weights, which fade with age. */
    'positions',
    'weight',
    /** First and last step of these. */
    'from',
    'to',
    /** The epoch after that of the last position, where one is looked at in every epoch; 0 before the first. */
    'epoch',
    /** Since the start: marks that break a window, and positions that were to be looked at and were not known. */
    'breaks',
    'skipped',
    /** Columns of B in use. */
    'kept',
    /** References, once they are chosen, and `positions` when they were last chosen. */
    'modes',
    'chosen',
    /** How far `explained` scatters with the sample of weights (one σ). */
    'scatter',
    /** How often the null has been drawn. */
    'draws',
  ] as const,
  lists: {
    /** What modes explain of the null, the last draws in turn. */
    chance: drawsKept,
    /** For each mode its reference: the row in the scope, E and mean of its position, its first weight, its row of B. */
    row: options.modes,
    energy: options.modes,
    mean: options.modes,
    origin: options.modes,
    factor: options.modes * columnsOf(options),
  },
})
