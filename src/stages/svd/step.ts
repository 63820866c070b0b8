import { multiply } from '../../linalg/matrix.ts'
import {
  type Block,
  type BlockGram,
  type Factor,
  type Gram,
  headerBytes,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import { account, orthogonalityOf } from './account.ts'
import {
  type Combination,
  combineDeltas,
  combinePositions,
  meanWeights,
  rotation,
} from './combine.ts'
import { isUncoupled } from './coupling.ts'
import { figures } from './figures.ts'
import { factorLayout, padded } from './layout.ts'
import { hasWalks, SvdNull } from './null.ts'
import { inRange, openRows, scratchBytes } from './rows.ts'
import { solve } from './solve.ts'
import type { SvdOptions, svdFigures } from './spec.ts'
import { stateShape } from './state.ts'

/** Passes of the reference mode, and the cosine between columns below which there is no need of another. */
const mostPasses = 3
const nearly = 1e-3

type SvdMode = Mode<typeof svdFigures>
type SvdOutcome = Outcome<typeof svdFigures>

interface SvdPorts {
  readonly factor: Factor
  readonly gram: Gram
}

/** A decomposition of one scope on one shard. */
export function svdInstance(context: StageContext<SvdOptions>): {
  readonly ports: SvdPorts
  step(block: Block, mode: SvdMode): Step<SvdOutcome>
} {
  const { options, arena, scope, shape } = context
  const { columns, storageBytes } = factorLayout(options, shape.block)
  const state = openHeader(arena, context.header, stateShape(columns))
  const rows = openRows(context)
  const centred = options.of === 'positions'
  const fast = arena.kind === 'relaxed' && storageBytes === 4 && !centred
  const limits = { columns, rows: scope.rows, storageBytes, single: fast }
  const nullAt = context.header + headerBytes(stateShape(columns))
  const nullScratchAt = context.scratch + scratchBytes(scope.tiles, shape.block, options)
  const walks =
    hasWalks(options) && !shape.isNull ? new SvdNull(context, nullAt, nullScratchAt) : undefined
  const report = (mode: SvdMode): SvdOutcome =>
    mode.report ? { values: figures(state, options, scope, limits, walks) } : {}
  const gram: { last: BlockGram | undefined } = { last: undefined }
  const factor = {
    pointer: context.rows,
    storageBytes,
    room: columns,
    get kept() {
      return state.kept
    },
  }

  function* step(block: Block, mode: SvdMode): Step<SvdOutcome> {
    const { marks, elementBytes } = block.of(shape.member)
    gram.last = undefined
    if (marks.length === 0) return report(mode)
    const before = state.kept
    const weights = meanWeights(marks, options.forget)
    if (centred) rows.weigh(weights.u)
    const combine = (kept: number): Combination =>
      centred
        ? combinePositions(kept, weights, state.weight)
        : combineDeltas(kept, marks, options.forget)
    const combination = combine(before)
    const joined = rows.joined(block, before)
    const isKnown = isUncoupled(state, options.rank, limits, shape.read.length > 0)
    const squares = isKnown ? state.squares.slice(0, before) : undefined
    let single = fast && elementBytes === 4
    let inner = yield* rows.gram(joined, combination.rows, single, squares)
    if (single && !inRange(inner, combination.rows, scope.rows)) {
      single = false
      inner = yield* rows.gram(joined, combination.rows, false, squares)
    }
    if (!isKnown) state.orthogonality = orthogonalityOf(inner, combination.rows, before)
    const first = solve(inner, combination, single, scope.name, rows.sweeps)
    let { vectors, turn } = first
    let last = { stretches: joined, combination, solution: first }
    const turnLast = (kept: number, into: 'factor' | 'spare'): void => {
      const pitch = padded(kept)
      const r = rotation(last.combination, last.solution.vectors, kept, pitch)
      rows.turn(last.stretches, r, pitch, into, single)
    }
    if (storageBytes === 8) {
      // A pass turns the columns to near orthogonality, so that the next one's Gram matrix is nearly diagonal and gives
      // small singular values to relative accuracy.
      const { size } = combination
      const stretches = rows.spare(size)
      const identity = combineDeltas(size, [], 1)
      for (let pass = 2; pass <= mostPasses; pass++) {
        turnLast(size, 'spare')
        const again = yield* rows.gram(stretches, size, false)
        const solution = solve(again, identity, false, scope.name, rows.sweeps)
        vectors = multiply(vectors, solution.vectors, size)
        turn += solution.turn
        last = { stretches, combination: identity, solution }
        if (orthogonalityOf(again, size, size) <= nearly) break
      }
    }
    const solution = { ...last.solution, own: first.own, vectors, turn }
    account(state, solution, combination, { ...limits, single }, isKnown)
    const { kept } = state
    const total = combination.fade * state.weight + weights.total
    const mean = { u: weights.u, fraction: total > 0 ? weights.total / total : 0 }
    walks?.advance(mode.statistics!, combine, centred ? mean : undefined)
    if (mode.commit) turnLast(kept, 'factor')
    if (combination.added > 0 && centred) {
      state.weight = combination.fade * state.weight + weights.total
      if (mode.commit) rows.moveMean(joined, weights.total / state.weight)
    }
    gram.last = {
      gram: inner,
      columns: combination.rows,
      before,
      rotation: rotation(combination, vectors, kept),
      kept,
      scales: state.squares.slice(0, kept).map(Math.sqrt),
    }
    return report(mode)
  }
  return { ports: { factor, gram }, step }
}
