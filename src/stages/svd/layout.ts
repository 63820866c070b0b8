import { tileRows } from '../../engine/scope.ts'
import type { Options } from '../../spec/fields.ts'
import type { svdFields } from './options.ts'

export type SvdOptions = Options<typeof svdFields>

/** Columns of the factor: given, or twice the rank that is reported. */
export function columnsOf(options: SvdOptions): number {
  return options.columns ?? 2 * options.rank
}

/** Where what lies in a stage's rows, in bytes per tile: B, then the mean of the positions, then the spare. */
export function factorLayout(options: SvdOptions, block: number) {
  const storageBytes: 4 | 8 = options.storage === 'f64' ? 8 : 4
  const padded = (columns: number): number => Math.ceil(columns / 4) * 4
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
