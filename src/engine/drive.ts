import { reduceTree } from '../kernels/tree.ts'
import type { Partial, Step, Total } from './stage.ts'

/**
 * Drives the same step on every shard in lockstep: takes each shard's partial, reduces them, hands the total back.
 * Shards come in order of their tiles; their results are equal, so the first one's is returned.
 */
export function drive<Result>(steps: readonly Step<Result>[]): Result {
  let turns = steps.map((step) => step.next())
  for (;;) {
    const first = turns[0]!
    if (first.done) return first.value
    const total = reduce(turns.map((turn) => turn.value as Partial))
    turns = steps.map((step) => step.next(total))
  }
}

function reduce(partials: readonly Partial[]): Total {
  const max = new Float64Array(partials[0]!.max?.length ?? 0).fill(-Infinity)
  for (const partial of partials) {
    partial.max?.forEach((value, i) => {
      if (value > max[i]!) max[i] = value
    })
  }
  return { add: reduceTree(partials.map((partial) => partial.add)), max }
}
