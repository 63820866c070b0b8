import { tileRows } from '../../stage/index.ts'
import type { SvdOptions } from './spec.ts'

/** Columns of the factor: given, or twice the rank that is reported. */
export function columnsOf({ columns, rank }: SvdOptions): number {
  return columns ?? 2 * rank
}

/** Columns as the kernels take them, in fours. */
export const padded = (columns: number): number => Math.ceil(columns / 4) * 4

/**
 * Where what lies in the rows, in bytes per tile: the factor B, then the mean of the positions, then the spare. Column i
 * of the scope's tile t, counted from `scope.from`, begins `(t * columns + i) * tileRows` elements after the first.
 */
export function factorLayout(options: SvdOptions, block: number) {
  const storageBytes: 4 | 8 = options.storage === 'f64' ? 8 : 4
  const columns = padded(columnsOf(options))
  const centred = options.of === 'positions'
  const spareRoom = options.storage === 'f64' ? padded(columns + block + 1) : 0
  const meanAt = columns * tileRows * storageBytes
  const spareAt = meanAt + (centred ? tileRows * 8 : 0)
  return {
    columns,
    storageBytes,
    spareRoom,
    meanAt,
    spareAt,
    perTile: spareAt + spareRoom * tileRows * storageBytes,
  }
}
