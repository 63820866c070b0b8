import type { Block } from '../../stage/index.ts'
import { findReferences } from './cluster.ts'
import type { CmdInstance } from './instance.ts'
import { fillPiece, fillScale, type Piece } from './pieces.ts'
import type { RowWork } from './rows.ts'
import { phase } from './state.ts'

/** Columns whose position is known; counts the others, and the breaks. */
export function sampledColumns({ header }: CmdInstance, block: Block): number[] {
  return block.of(0).marks.flatMap(({ present, sure, breaks }, j) => {
    if (breaks) header.breaks++
    if (present && sure) return [j]
    header.skipped++
    return []
  })
}

/**
 * Records the samples' trajectories over `count` columns; at the end of the warm-up finds the references, or starts over
 * while nothing has moved. Returns how many columns it took.
 *
 * @param track a sample's positions at these columns
 */
export function followSamples(
  { arena, options, header, scratch, samples }: CmdInstance,
  count: number,
  track: (sample: number) => Float64Array
): number {
  const { warmup, modes } = options
  let next = 0
  while (next < count && header.phase === phase.warmup) {
    const { recorded, trajectories } = header
    const end = Math.min(count, next + warmup - recorded)
    samples.forEach((_, i) => {
      trajectories.set(track(i).subarray(next, end), i * warmup + recorded)
    })
    header.recorded += end - next
    next = end
    if (header.recorded < warmup) continue
    const found = findReferences(trajectories, warmup, modes, arena, scratch.cluster)
    header.reference.set(found)
    header.modes = found.length
    header.recorded = 0
    if (found.length > 0) header.phase = phase.choose
  }
  return next
}

/**
 * Adds columns to the references' moments; says what is to be done with the rows.
 *
 * @param columns places of the sampled columns in the block
 * @param from how many of these were taken before
 * @param track a reference's positions at all of them
 */
export function advance(
  instance: CmdInstance,
  { steps }: Block,
  columns: readonly number[],
  from: number,
  track: (mode: number) => Float64Array
): RowWork {
  const { options, header, scratch, factor } = instance
  let next = from
  const add = (piece: Piece, end: number): Piece => {
    if (header.samples === 0) header.from = steps[columns[next]!]!
    header.to = steps[columns[end - 1]!]!
    const positions = (m: number): Float64Array => track(m).subarray(next, end)
    fillPiece(instance, piece, columns.slice(next, end), positions)
    next = end
    return piece
  }
  let all: Piece | undefined
  let own: Piece | undefined
  let chooses = false
  if (header.phase === phase.choose && next < columns.length) {
    const left = options.choose - header.samples
    all = add(scratch.all, Math.min(columns.length, next + left))
    header.rounded++
    chooses = header.samples === options.choose
    fillScale(instance, scratch.chooseScale)
    if (chooses) header.phase = phase.track
  }
  if ((header.phase === phase.track || factor) && next < columns.length) {
    own = add(scratch.own, columns.length)
  }
  fillScale(instance, scratch.scale)
  return { all, chooses, own }
}
