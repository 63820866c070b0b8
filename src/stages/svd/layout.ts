import { tileRows } from '../../stage/index.ts'
import type { SvdOptions } from './spec.ts'

/** Columns of the factor: as given, or twice the reported rank. */
export function columnsOf({ columns, rank }: SvdOptions): number {
  return columns ?? 2 * rank
}

/** Columns as the kernels need them, a multiple of four. */
export const padded = (columns: number): number => Math.ceil(columns / 4) * 4

/**
 * Offsets within the rows, in bytes per tile: the factor B, then the mean of the positions, then the spare. Column i of tile t of the
 * scope, counted from `scope.from`, begins `(t * columns + i) * tileRows` elements after the first one.
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
