import type { Mode, StageContext, StageInstance, Values } from '../../engine/stage.ts'
import { multiply } from '../../linalg/matrix.ts'
import { factorLayout, padded } from '../factor.ts'
import { openHeader } from '../header.ts'
import { account, orthogonalityOf } from './account.ts'
import { combineDeltas, combinePositions, meanWeights, rotation } from './combine.ts'
import { figures } from './figures.ts'
import type { SvdOptions } from './options.ts'
import { inRange, openRows } from './rows.ts'
import { solve } from './solve.ts'
import { stateShape } from './state.ts'

/** What a block brought about, for later stages: all small, by rows, valid until the next block. */
export interface SvdResult {
  /** Gram matrix of [B X] (and of q where positions are decomposed) before the rotation, packed upper triangle. */
  readonly gram: Float64Array
  readonly columns: number
  /** Columns of B before the block. */
  readonly before: number
  /** B after the block is [B X] times this, `columns` x `kept`. */
  readonly rotation: Float64Array
  readonly kept: number
  /** Norms of B's columns after the block. */
  readonly scales: Float64Array
}

/** Passes of the reference mode, and the cosine between columns below which there is no need of another. */
const mostPasses = 3
const nearly = 1e-3

/** Makes the step of one scope on one shard. */
export function svdStep(context: StageContext<SvdOptions>): StageInstance['step'] {
  const { options, arena, scope, shape } = context
  const { columns, storageBytes } = factorLayout(options, shape.block)
  const state = openHeader(arena, context.header, stateShape(columns))
  const rows = openRows(context)
  const centred = options.of === 'positions'
  const fast = arena.kind === 'relaxed' && storageBytes === 4 && !centred
  const limits = { columns, rows: scope.rows, storageBytes, single: fast }
  const report = (mode: Mode): Values =>
    mode.report ? figures(state, options.rank, scope, limits, mode.null?.values) : {}

  return function* step(block, mode) {
    const { marks, elementBytes } = block.of(shape.member)
    if (marks.length === 0) return { values: report(mode) }
    const before = state.kept
    const weights = meanWeights(marks, options.forget)
    if (centred) rows.weigh(weights.u)
    const combination = centred
      ? combinePositions(before, weights, state.weight)
      : combineDeltas(before, marks, options.forget)
    const joined = rows.joined(block, before)
    let single = fast && elementBytes === 4
    let gram = yield* rows.gram(joined, combination.rows, single)
    if (single && !inRange(gram, combination.rows, scope.rows)) {
      single = false
      gram = yield* rows.gram(joined, combination.rows, false)
    }
    state.orthogonality = orthogonalityOf(gram, combination.rows, before)
    const first = solve(gram, combination, single, scope.name)
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
        const solution = solve(again, identity, false, scope.name)
        vectors = multiply(vectors, solution.vectors, size)
        turn += solution.turn
        last = { stretches, combination: identity, solution }
        if (orthogonalityOf(again, size, size) <= nearly) break
      }
    }
    const solution = { ...last.solution, own: first.own, vectors, turn }
    account(state, solution, combination, { ...limits, single })
    const { kept } = state
    if (mode.commit) turnLast(kept, 'factor')
    if (combination.added > 0 && centred) {
      state.weight = combination.fade * state.weight + weights.total
      if (mode.commit) rows.moveMean(joined, weights.total / state.weight)
    }
    const result: SvdResult = {
      gram,
      columns: combination.rows,
      before,
      rotation: rotation(combination, vectors, kept),
      kept,
      scales: state.squares.slice(0, kept).map(Math.sqrt),
    }
    return { values: report(mode), result }
  }
}
