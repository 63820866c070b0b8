import { type Header, tileRows } from '../../stage/index.ts'
import type { CmdOptions } from './spec.ts'

/** Columns of the factor as the kernels need them, a multiple of four. */
export const columnsOf = ({ columns }: CmdOptions): number => 4 * Math.ceil(columns / 4)

/** Bytes of a tile before its rows. */
const tileHead = 16

/** Bytes of state per tile: the counter of changes; for each row mode, mean, E and the columns of B. */
export function tileBytes(columns: number): number {
  return tileHead + tileRows * (1 + 8 + 8 + 4 * columns)
}

/** A tile of state in the layout of `assembly/cmd.ts`: modes count from 1, 0 means none. */
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

/** Number of draws of the null that are kept for the comparison. */
export const drawsKept = 16

/** Values of the header, the same on every shard. */
export type CmdHeader = Header<ReturnType<typeof headerShape>>

export const headerShape = (options: CmdOptions) => ({
  words: [
    /** Positions in the window, and the sum of their weights, which fade with age. */
    'positions',
    'weight',
    /** First and last step of these positions. */
    'from',
    'to',
    /** The epoch after that of the last position, if one position per epoch is looked at; 0 before the first one. */
    'epoch',
    /** Since the start: breaks of the window, and positions that were due but not known. */
    'breaks',
    'skipped',
    /** Columns of B in use. */
    'kept',
    /** Number of references once they are chosen, and the value of `positions` at the last choice. */
    'modes',
    'chosen',
    /** Scatter of `explained` over samples of weights (one σ). */
    'scatter',
    /** How often the null was drawn. */
    'draws',
  ] as const,
  lists: {
    /** Shares that modes explain of the null, for the last draws, overwritten in turn. */
    chance: drawsKept,
    /** The reference of each mode: its row in the scope, E and mean of its position, its first weight, its row of B. */
    row: options.modes,
    energy: options.modes,
    mean: options.modes,
    origin: options.modes,
    factor: options.modes * columnsOf(options),
  },
})
