import type { PlanShape, StageContext } from '../../engine/stage.ts'
import { factorLayout, type SvdOptions } from './layout.ts'
import { SvdState } from './state.ts'

/**
 * B of an svd as a later stage finds it in its own shard: column i of the scope's tile t begins
 * `(t * room + i) * 256` elements after `pointer`, t counted from `scope.from`. In a peek B is that of the last full block.
 */
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
export function openFactor(context: StageContext<unknown>): Factor | undefined {
  const { arena, shape, upstream } = context
  const layout = factorOf(shape)
  if (!layout || !upstream) return undefined
  const { columns, storageBytes } = layout
  const state = new SvdState(arena, upstream.header, columns)
  return { pointer: upstream.rows, storageBytes, room: columns, kept: () => state.kept }
}
