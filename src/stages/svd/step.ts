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
import { account, keptOf, orthogonalityOf } from './account.ts'
import {
  type Combination,
  combineDeltas,
  combinePositions,
  meanWeights,
  rotation,
} from './combine.ts'
import { isWeak } from './errors/coupling.ts'
import { figures } from './figures.ts'
import { factorLayout, padded } from './layout.ts'
import { hasWalks, SvdNull } from './null.ts'
import { inRange, openRows, scratchBytes } from './rows.ts'
import { solve } from './solve.ts'
import type { SvdOptions, svdFigures } from './spec.ts'
import { stateShape } from './state.ts'
import { basisOf, entering, weightsIn } from './storing/basis.ts'
import { cheapest, rotated } from './storing/store.ts'

/** Most passes of the reference mode, and the cosine between columns below which no further pass is needed. */
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
  const { small } = rows
  const centred = options.of === 'positions'
  // The reference mode forms all products and stores the columns of B themselves; so does a stage whose ports are read, because where
  // movement has died down the coordinates are smaller than what is left out here.
  const isExact = storageBytes === 8 || shape.read.length > 0
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
    const shares = meanWeights(marks, options.forget)
    if (centred) rows.weigh(shares.u)
    const combine = (kept: number): Combination =>
      centred
        ? combinePositions(kept, shares, state.weight)
        : combineDeltas(kept, marks, options.forget)
    const { coupling, squares, lengths } = state
    const basis = basisOf(state)
    const isKnown = !isExact && isWeak(coupling, squares, before, options.rank, limits)
    const known = isKnown ? before : 0
    const combination = combine(before)
    const joined = rows.joined(block, before)
    let single = fast && elementBytes === 4
    let inner = yield* rows.gram(joined, combination.rows, single, lengths.slice(0, known))
    if (single && !inRange(inner, combination.rows, scope.rows)) {
      single = false
      inner = yield* rows.gram(joined, combination.rows, false, lengths.slice(0, known))
    }
    const entered = entering(inner, combination.rows, basis, isKnown, small)
    const orthogonal = squares.slice(0, known)
    const first = solve(entered, combination, single, scope.name, small, orthogonal)
    if (!isKnown) state.orthogonality = orthogonalityOf(first, before)
    let { vectors, turn } = first
    let last = { stretches: joined, combination, solution: first }
    const turnLast = (kept: number, into: 'factor' | 'spare'): void => {
      const pitch = padded(kept)
      const r = rotation(last.combination, last.solution.vectors, kept, pitch)
      rows.turn(last.stretches, weightsIn(r, pitch, basis, small), pitch, into, single)
    }
    if (storageBytes === 8) {
      // A pass turns the columns to near orthogonality, so that the next Gram matrix is nearly diagonal and gives small singular values to
      // relative accuracy.
      const { size } = combination
      const stretches = rows.spare(size)
      const identity = combineDeltas(size, [], 1)
      for (let pass = 2; pass <= mostPasses; pass++) {
        turnLast(size, 'spare')
        const again = yield* rows.gram(stretches, size, false)
        const entered = entering(again, size, undefined, false, small)
        const solution = solve(entered, identity, false, scope.name, small)
        vectors = multiply(vectors, solution.vectors, size)
        turn += solution.turn
        last = { stretches, combination: identity, solution }
        if (orthogonalityOf(solution, size) <= nearly) break
      }
    }
    const solution = { ...last.solution, own: first.own, vectors, turn }
    const own = { ...limits, single }
    const kept = keptOf(solution, own)
    const weights = rotation(combination, vectors, kept)
    const v = weightsIn(weights, kept, basis, small)
    const error = solution.error + (isKnown ? combination.fade * coupling : 0)
    const storing = { small, v, squares: entered.squares, solution, kept, error }
    const isFree = !isExact && !centred && elementBytes === 4
    const stored = (isFree ? cheapest : rotated)({ ...storing, rank: options.rank }, own)
    account(state, solution, { combination, ...storing, isKnown, stored }, own)
    const total = combination.fade * state.weight + shares.total
    const mean = { u: shares.u, fraction: total > 0 ? shares.total / total : 0 }
    walks?.advance(mode.statistics!, combine, centred ? mean : undefined)
    if (mode.commit) {
      if (stored.elimination) rows.eliminate(joined, stored.elimination, single)
      else turnLast(kept, 'factor')
    }
    if (combination.added > 0 && centred) {
      state.weight = combination.fade * state.weight + shares.total
      if (mode.commit) rows.moveMean(joined, shares.total / state.weight)
    }
    gram.last = {
      gram: inner,
      columns: combination.rows,
      before,
      rotation: weights,
      kept,
      scales: state.squares.slice(0, kept).map(Math.sqrt),
    }
    return report(mode)
  }
  return { ports: { factor, gram }, step }
}
