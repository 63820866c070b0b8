import {
  type Block,
  defineStage,
  type FigureValues,
  type Header,
  headerBytes,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
  sumsBytes,
  TileSums,
  tileRows,
  whyOf,
} from '../../stage/index.ts'
import { healthAlerts, healthFigures, says } from './figures.ts'
import { healthKernels } from './kernels.gen.ts'

/** Steps whose delta was zero, norm of the last delta, norm of the weights (NaN where w0 is unknown). */
const stateShape = { words: ['zeroDeltas', 'updateNorm', 'weightNorm'], lists: {} } as const

/** Norms of updates and weights, and what was wrong with the frames; always on. */
export const health = defineStage({
  type: 'health',
  summary: 'Norms of updates and weights, and counts of what was wrong with the frames.',
  asks: 'How much do the weights move, and is the stream sound?',
  always: true,
  options: {},
  figures: healthFigures,
  alerts: healthAlerts,
  says,
  sketching: () => 'accepts',
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
  mode: Mode<typeof healthFigures>
): Step<Outcome<typeof healthFigures>> {
  const { health_norms } = arena.kernels(healthKernels)
  const state = openHeader(arena, header, stateShape)
  const columns = block.of(shape.member)
  const weights = shape.member === 0 ? block.weights : 0
  const sums = new TileSums(arena, scratch, scope, 2 + block.length)
  for (const { tile, tiles, index } of scope.segments) {
    const row = tile * tileRows
    sums.depth = health_norms({
      x: columns.pointer + row * columns.elementBytes,
      stride: columns.stride,
      count: block.length,
      elementBytes: columns.elementBytes,
      weights: weights && weights + row * 4,
      high: block.positions.high + row * 4,
      low: block.positions.low + row * 4,
      tiles,
      index,
      sums,
    })
  }
  const { add } = yield { add: sums.partial(scope.to) }
  columns.marks.forEach(({ present }, j) => {
    if (!present) return
    const norm = Math.sqrt(add[2 + j]!)
    if (norm === 0) state.zeroDeltas++
    state.updateNorm = norm
  })
  state.weightNorm = weights === 0 ? Number.NaN : Math.sqrt(add[1]!)
  return mode.report ? { values: values(state, block, shape.member) } : {}
}

function values(
  state: Header<typeof stateShape>,
  block: Block,
  member: number
): FigureValues<typeof healthFigures> {
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
