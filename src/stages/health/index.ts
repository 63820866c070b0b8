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
import { type Header, headerBytes, openHeader } from '../header.ts'
import { whyOf } from '../why.ts'
import { healthKernels } from './kernels.ts'

/** Steps whose delta was zero, norm of the last delta, norm of the weights (NaN where w0 is unknown). */
const stateShape = { words: ['zeroDeltas', 'updateNorm', 'weightNorm'], lists: {} } as const

/** Norms of updates and weights, and what was wrong with the frames; always on. */
export const health = defineStage({
  type: 'health',
  summary: 'Norms of updates and weights, and counts of what was wrong with the frames.',
  options: {},
  // Those under its type are the engine's, which it hands on.
  alerts: [],
  sketching: () => 'willing',
  plan: ({ scope, block }) => ({
    header: headerBytes(stateShape),
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
  const state = openHeader(arena, header, stateShape)
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
    if (norm === 0) state.zeroDeltas++
    state.updateNorm = norm
  })
  state.weightNorm = weights === 0 ? Number.NaN : Math.sqrt(add[1]!)
  return { values: mode.report ? values(state, block, shape.member) : {} }
}

function values(state: Header<typeof stateShape>, block: Block, member: number): Values {
  const { zeroDeltas, updateNorm, weightNorm } = state
  const { nonFinite, gaps, duplicates, driftAtAnchor } = block.ledger(member)
  return {
    updateNorm,
    weightNorm,
    updateRatio: updateNorm / weightNorm,
    nonFinite,
    zeroDeltas,
    gaps,
    duplicates,
    driftAtAnchor,
    why: whyOf(
      Number.isNaN(weightNorm) &&
        'weightNorm and updateRatio need an anchor of this member, none has come',
      Number.isNaN(driftAtAnchor) && 'driftAtAnchor needs a second anchor'
    ),
  }
}
