import {
  acos,
  type Block,
  defineStage,
  type FigureValues,
  headerBytes,
  isSketch,
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
import { before, type Raised, takeBlock, takeStep } from './conditions.ts'
import { healthKernels } from './kernels.gen.ts'
import { type Condition, healthAlerts, healthFigures, says } from './spec.ts'
import { type HealthState, stateShape, takeStride } from './state.ts'

type HealthOutcome = Outcome<typeof healthFigures, Condition>

/** Bytes of the kernel's scratch: a position and a word for each row of a tile. */
const workBytes = 16 * tileRows

/** Number of sums of a block before those of its columns: status, ‖w‖², ‖p‖², rows that never moved. */
const scalars = 4

/** How the weights move from step to step, and what is wrong with the frames; always on. */
export const health = defineStage({
  type: 'health',
  summary:
    'Norms and angles of updates, what is unusual in them and in the loss, and what was wrong with the frames.',
  asks: 'How much do the weights move, and is the stream sound?',
  always: true,
  options: {},
  figures: healthFigures,
  alerts: healthAlerts,
  says,
  sketching: () => 'accepts',
  plan: ({ scope, block }) => ({
    header: headerBytes(stateShape),
    perTile: tileRows,
    scratch: workBytes + sumsBytes(scope.tiles, scalars + 2 * block),
  }),
  cost: ({ block }) => ({ flops: 6 + 4 / block, bytes: 4 + 18 / block }),
  start: (context) => ({ step: (block, mode) => step(context, block, mode) }),
})

function* step(
  context: StageContext<unknown>,
  block: Block,
  mode: Mode<typeof healthFigures>
): Step<HealthOutcome> {
  const { arena, scope, header, shape } = context
  const state = openHeader(arena, header, stateShape)
  const { marks, facts } = block.of(shape.member)
  const { add } = yield { add: sumsOf(context, block, mode.commit).partial(scope.to) }
  const squares = add.subarray(scalars, scalars + block.length)
  const products = add.subarray(scalars + block.length)
  const norms = squares.map(Math.sqrt)

  const was = before(state)
  const losses = Float64Array.from(facts, ({ metrics }) => metrics.loss ?? Number.NaN)
  const alerts: Raised[] = []
  const present = marks.flatMap((mark, j) => (mark.present ? [j] : []))
  for (const j of present) {
    const norm = norms[j]!
    takeStride(state, facts[j]!.stride)
    if (norm === 0) state.zeroDeltas++
    state.updateNorm = norm
    state.path += norm
    alerts.push(...takeStep(state, block.steps[j]!, norm, losses[j]!))
  }
  const isKnown = shape.member === 0 && block.weights !== 0
  state.weightNorm = isKnown ? Math.sqrt(add[1]!) : Number.NaN
  state.distance = Math.sqrt(add[2]!)
  // Rows that pad the last tile of a tensor never move.
  state.still = add[3]! - (tileRows * scope.tiles - scope.rows)
  const cosine = meanCosine(norms, products, present)
  if (!Number.isNaN(cosine)) Object.assign(state, { cosine, hasCosine: 1 })
  if (present.length > 0) {
    const moves = Float64Array.from(present, (j) => norms[j]!)
    alerts.push(...takeBlock(state, block, was, moves, losses.filter(Number.isFinite), shape))
  }
  // The columns of another member are differences from member 0, and show nothing of that member's own training.
  const own = shape.member === 0 ? { alerts } : {}
  return mode.report ? { values: values(state, block, context), ...own } : own
}

function sumsOf(
  { arena, scope, scratch, rows, shape }: StageContext<unknown>,
  block: Block,
  keep: boolean
): TileSums {
  const { health_norms } = arena.kernels(healthKernels)
  const { pointer, stride, elementBytes } = block.of(shape.member)
  const weights = shape.member === 0 ? block.weights : 0
  const sums = new TileSums(arena, scratch + workBytes, scope, scalars + 2 * block.length)
  for (const { tile, tiles, index } of scope.segments) {
    const row = tile * tileRows
    sums.depth = health_norms({
      x: pointer + row * elementBytes,
      stride,
      count: block.length,
      elementBytes,
      weights: weights && weights + row * 4,
      high: block.positions.high + row * 4,
      low: block.positions.low + row * 4,
      moved: rows + (index - scope.from) * tileRows,
      keep,
      tiles,
      index,
      sums,
      scratch,
    })
  }
  return sums
}

/** The mean cosine of successive columns; NaN if no two of them moved. */
function meanCosine(
  norms: Float64Array,
  products: Float64Array,
  present: readonly number[]
): number {
  let sum = 0
  let count = 0
  present.forEach((j, i) => {
    const size = norms[j]! * (norms[j + 1] ?? 0)
    if (present[i + 1] !== j + 1 || size === 0) return
    sum += products[j]! / size
    count++
  })
  return count > 0 ? Math.max(-1, Math.min(1, sum / count)) : Number.NaN
}

function values(
  state: HealthState,
  block: Block,
  { shape, scope }: StageContext<unknown>
): FigureValues<typeof healthFigures> {
  const { zeroDeltas, updateNorm, weightNorm, path, distance, cosine } = state
  const { nonFinite, gaps, duplicates, driftAtAnchor } = block.ledger(shape.member)
  const folded = isSketch(scope)
  const hasPosition = shape.member === 0
  const updateCosine = state.hasCosine ? cosine : Number.NaN
  return {
    updateNorm,
    weightNorm,
    updateRatio: updateNorm / weightNorm,
    updateCosine,
    updateAngle: (acos(updateCosine) * 180) / Math.PI,
    pathRatio: hasPosition && distance > 0 ? path / distance : Number.NaN,
    unmoved:
      folded || scope.rows === 0 || state.stride === 0 ? Number.NaN : state.still / scope.rows,
    driftAtAnchor,
    zeroDeltas,
    nonFinite,
    stride: state.stride || Number.NaN,
    gaps,
    duplicates,
    why: whyOf(
      Number.isNaN(weightNorm) &&
        'weightNorm and updateRatio need an anchor of this member, none has come',
      Number.isNaN(updateCosine) && 'updateCosine and updateAngle need two updates in a block',
      hasPosition
        ? distance === 0 && 'pathRatio needs a position away from the start'
        : 'pathRatio needs positions, which member 0 has',
      state.stride === 0 && 'stride and unmoved need a recorded step',
      folded && 'unmoved needs a row for each weight',
      Number.isNaN(driftAtAnchor) && 'driftAtAnchor needs a second anchor'
    ),
  }
}
