import type { LookAt } from '../../stage/define.ts'
import type { MemberState } from '../intake/member.ts'
import type { Timeline } from '../intake/timeline.ts'
import type { Look } from '../settings/fields.ts'
import type { Shards } from '../shards/shards.ts'

/**
 * The columns, among the next `length`, after which a stage looks at the weights, in ascending order. A stage looks at the start,
 * and whenever its count reaches the next multiple of `every`. It does not look where positions are unsure.
 */
export function looksOf(
  look: Look,
  place: Shards['place'],
  timeline: Timeline,
  zero: MemberState,
  length: number
): LookAt[] {
  const entries = timeline.entries.slice(0, length)
  const isDue = counters[look.of](place)
  const { marks } = timeline.marks(0, length)
  const columns = new Set<number>()
  if (place.before === 0 && length > 0) columns.add(-1)
  entries.forEach((entry, j) => {
    if (isDue(entry, look.every)) columns.add(look.of === 'anchors' ? j - 1 : j)
  })
  const start = place.step ?? zero.firstAnchor ?? 0
  return [...columns]
    .filter((column) => (column < 0 ? zero.sure : marks[column]!.sure))
    .map((column) => ({ column, step: entries[column]?.step ?? start }))
}

type Entry = Timeline['entries'][number]

/** For each unit of counting: a function that is called column by column and says whether the next multiple is reached. */
const counters: Readonly<
  Record<Look['of'], (place: Shards['place']) => (entry: Entry, every: number) => boolean>
> = {
  steps: (place) => {
    let before = place.step
    return ({ step }, every) => {
      const last = before ?? step - 1
      before = step
      return Math.floor(step / every) !== Math.floor(last / every)
    }
  },
  epochs: (place) => {
    let before = place.epoch ?? 0
    return ({ epoch = before }, every) => {
      const last = before
      before = epoch
      return Math.floor(epoch / every) !== Math.floor(last / every)
    }
  },
  // The weights of an anchor are those before the column that follows it.
  anchors: (place) => {
    let { anchors } = place
    return ({ marks }, every) => (marks[0]?.anchor ?? false) && anchors++ % every === 0
  },
}
