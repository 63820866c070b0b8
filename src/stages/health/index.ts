import type { Block } from '../../engine/block.ts'
import {
  defineStage,
  type Mode,
  type Outcome,
  type StageContext,
  type Step,
  type Values,
} from '../../engine/stage.ts'
import { sumsBytes, TileSums } from '../../kernels/sums.ts'
import { healthKernels } from './kernels.ts'

/** Header: steps whose delta was zero, norm of the last delta, norm of the weights (NaN where w0 is unknown). */
const headerWords = 3

/** Norms of updates and weights, and what was wrong with the frames; always on. */
export const health = defineStage({
  type: 'health',
  summary: 'Norms of updates and weights, and counts of what was wrong with the frames.',
  options: {},
  sketching: () => 'willing',
  plan: ({ scope, block }) => ({
    header: headerWords * 8,
    perTile: 0,
    scratch: sumsBytes(scope.tiles, 2 + block),
  }),
  cost: ({ block }) => ({ flops: 4 + 2 / block, bytes: 4 + 16 / block }),
  start: (context) => ({ step: (block, mode) => step(context, block, mode) }),
})

function* step(
  { arena, scope, scratch, header, shape }: StageContext<unknown>,
  block: Block,
  mode: Mode
): Step<Outcome> {
  const { health_norms } = arena.kernels(healthKernels)
  const state = arena.f64(header, headerWords)
  const columns = block.of(shape.member)
  const weights = shape.member === 0 ? block.weights : 0
  const sums = new TileSums(arena, scratch, scope, 2 + block.length)
  for (const { tile, tiles, index } of scope.segments) {
    const at = tile * 1024
    sums.depth = health_norms(
      columns.pointer + (at / 4) * columns.elementBytes,
      columns.stride,
      block.length,
      columns.elementBytes,
      weights && weights + at,
      block.positions.high + at,
      block.positions.low + at,
      tiles,
      index,
      sums.from,
      sums.pointer,
      sums.depth
    )
  }
  const { add } = yield { add: sums.partial(scope.to) }
  columns.marks.forEach(({ present }, j) => {
    if (!present) return
    const norm = Math.sqrt(add[2 + j]!)
    if (norm === 0) state[0]!++
    state[1] = norm
  })
  state[2] = weights === 0 ? Number.NaN : Math.sqrt(add[1]!)
  return { values: mode.report ? values(state, block, shape.member) : {} }
}

function values(state: Float64Array, block: Block, member: number): Values {
  const [zeroDeltas, updateNorm, weightNorm] = state as unknown as [number, number, number]
  const { nonFinite, gaps, duplicates, driftAtAnchor } = block.ledger(member)
  const why = [
    ...(Number.isNaN(weightNorm)
      ? ['weightNorm and updateRatio need an anchor of this member, none has come']
      : []),
    ...(Number.isNaN(driftAtAnchor) ? ['driftAtAnchor needs a second anchor'] : []),
  ]
  return {
    updateNorm,
    weightNorm,
    updateRatio: updateNorm / weightNorm,
    nonFinite,
    zeroDeltas,
    gaps,
    duplicates,
    driftAtAnchor,
    ...(why.length > 0 ? { why: why.join('; ') } : {}),
  }
}
