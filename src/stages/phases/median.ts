import {
  type Block,
  countsTree,
  ownsTensor,
  readWeights,
  type ScopeTensor,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import type { Spread } from './measure.ts'
import type { PhasesOptions } from './spec.ts'

/** Bins into which the range of the median is cut, three times over: this determines it to 2^-30 of the first range. */
const bins = 1024
const rounds = 3

interface Place extends Pick<StageContext<PhasesOptions>, 'arena' | 'scope'> {
  readonly staging: number
}

/** The lower of the two middle elements of tensors on any shards; NaN if there are none. */
export function* lowerMedian(
  { arena, scope, staging }: Place,
  block: Block,
  column: number,
  tensors: readonly ScopeTensor[],
  { count, least, greatest }: Spread
): Step<number> {
  if (count === 0) return Number.NaN
  let from = least
  let to = greatest
  let below = 0
  for (let round = 0; round < rounds; round++) {
    const width = (to - from) / bins
    // Slot 0 counts faults, slot 1 the elements below the range.
    const counts = new Float64Array(2 + bins)
    for (const tensor of tensors) {
      if (!ownsTensor(scope, tensor)) continue
      readWeights(
        arena,
        block,
        scope,
        column,
        staging,
        (piece) => {
          for (const w of piece) {
            if (w < from) counts[1]!++
            else if (w <= to)
              counts[2 + (Math.min(bins - 1, Math.floor((w - from) / width)) || 0)]!++
          }
        },
        tensor
      )
    }
    const { add } = yield { add: countsTree(scope, counts) }
    below = add[1]!
    let bin = 0
    while (bin < bins - 1 && below + add[2 + bin]! <= (count - 1) >>> 1) below += add[2 + bin++]!
    from += bin * width
    to = bin === bins - 1 ? to : from + width
  }
  return (from + to) / 2
}
