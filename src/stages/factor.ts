import { tileRows } from '../engine/scope.ts'
import type { PlanShape, StageContext } from '../engine/stage.ts'
import type { SvdOptions } from './svd/options.ts'

/** Columns of an svd's factor: given, or twice the rank that is reported. */
export function columnsOf({ columns, rank }: SvdOptions): number {
  return columns ?? 2 * rank
}

/** Columns as the kernels take them, in fours. */
export const padded = (columns: number): number => Math.ceil(columns / 4) * 4

/**
 * Where what lies in an svd's rows, in bytes per tile: its factor B, then the mean of the positions, then the spare. Column i
 * of the scope's tile t, counted from `scope.from`, begins `(t * columns + i) * 256` elements after the first.
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

/** B of an svd as a later stage finds it in its own shard; in a peek it is that of the last full block. */
export interface Factor {
  readonly pointer: number
  readonly storageBytes: 4 | 8
  readonly room: number
  /** Columns in use. */
  kept(): number
}

/** The layout of the factor of the svd that a stage names in `on`; undefined if it names none. */
export function factorOf({ upstream, block }: PlanShape) {
  return upstream && factorLayout(upstream.options as unknown as SvdOptions, block)
}

/** That factor itself. */
export function openFactor({ arena, shape, upstream }: StageContext<unknown>): Factor | undefined {
  const layout = factorOf(shape)
  if (!layout || !upstream) return undefined
  const { columns, storageBytes } = layout
  // An svd's header begins with the number of columns in use.
  const kept = (): number => arena.f64(upstream.header, 1)[0]!
  return { pointer: upstream.rows, storageBytes, room: columns, kept }
}
