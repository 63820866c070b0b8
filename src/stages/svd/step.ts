import type { Block } from '../../engine/block.ts'
import { tileRows } from '../../engine/scope.ts'
import type { Mode, Outcome, StageContext, Step, Values } from '../../engine/stage.ts'
import { ThalwegError } from '../../error.ts'
import { sumsBytes, TileSums } from '../../kernels/sums.ts'
import { factorLayout } from '../factor.ts'
import { openHeader } from '../header.ts'
import { account, orthogonalityOf } from './account.ts'
import { combineDeltas, combinePositions, meanWeights, rotation } from './combine.ts'
import { figures } from './figures.ts'
import { inRange, type Panel, singlePanel, svdKernels } from './kernels.ts'
import type { SvdOptions } from './options.ts'
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
export function svdStep(
  context: StageContext<SvdOptions>
): (block: Block, mode: Mode) => Step<Outcome> {
  const { options, arena, scope, shape, rows, scratch } = context
  const kernels = arena.kernels(svdKernels)
  const layout = factorLayout(options, shape.block)
  const { columns, storageBytes, spareRoom } = layout
  const state = openHeader(arena, context.header, stateShape(columns))
  const tiles = scope.to - scope.from
  const mean = rows + tiles * layout.meanAt
  const spare = rows + tiles * layout.spareAt
  const most = columns + shape.block + 1
  const panel = scratch + sumsBytes(scope.tiles, 1 + (most * (most + 1)) / 2)
  const u = panel + 512 * (most + 3)
  const centred = options.of === 'positions'
  const limits = { columns, rows: scope.rows, storageBytes }
  const fast = arena.kind === 'relaxed' && storageBytes === 4 && !centred

  /** The segments of the scope with the addresses in each of M, whose B has `kept` columns. */
  function* segments(
    block: Block,
    kept: number
  ): Generator<{ m: Panel; tiles: number; index: number; own: number }> {
    const x = block.of(shape.member)
    for (const { tile, tiles: count, index } of scope.segments) {
      const own = index - scope.from
      const row = tile * tileRows
      yield {
        m: [
          rows + own * columns * tileRows * storageBytes,
          storageBytes,
          columns,
          kept,
          x.pointer + row * x.elementBytes,
          x.stride,
          x.elementBytes,
          block.length,
          centred ? mean + own * tileRows * 8 : 0,
          block.positions.high + row * 4,
          block.positions.low + row * 4,
          u,
        ],
        tiles: count,
        index,
        own,
      }
    }
  }

  function* gram(
    pieces: Iterable<{ m: Panel; tiles: number; index: number }>,
    size: number,
    single = false
  ): Step<Float64Array> {
    const sums = new TileSums(arena, scratch, scope, 1 + (size * (size + 1)) / 2)
    for (const { m, tiles: count, index } of pieces) {
      const rest = [count, index, sums.from, sums.pointer, sums.depth, panel] as const
      sums.depth = single
        ? kernels.svd_gram_single(...singlePanel(m), ...rest)
        : kernels.svd_gram(...m, ...rest)
    }
    const { add } = yield { add: sums.partial(scope.to) }
    const c = add.subarray(1)
    if (!single && !c.every(Number.isFinite)) {
      throw new ThalwegError(
        'E_NONFINITE',
        `stage svd: the Gram matrix of ${scope.name} is not finite. Scale the weights down, or leave out the tensor that grew.`
      )
    }
    return c
  }

  function rotate(
    pieces: Iterable<{ m: Panel; tiles: number; own: number }>,
    r: Float64Array,
    padded: number,
    to: number,
    room: number
  ): void {
    arena.f64(scratch, r.length).set(r)
    for (const { m, tiles: count, own } of pieces) {
      const out = to + own * room * tileRows * storageBytes
      kernels.svd_rotate(...m, count, scratch, padded, panel, out, room)
    }
  }

  /** B <- M R in f32, in place. */
  function rotateSingle(
    pieces: Iterable<{ m: Panel; tiles: number }>,
    r: Float64Array,
    padded: number
  ): void {
    arena.f32(scratch, r.length).set(r)
    for (const { m, tiles: count } of pieces) {
      kernels.svd_rotate_single(...singlePanel(m), count, scratch, padded, panel)
    }
  }

  /** The spare's columns as M, for the second pass of the reference mode. */
  function* spareSegments(
    size: number
  ): Generator<{ m: Panel; tiles: number; index: number; own: number }> {
    const m: Panel = [spare, storageBytes, spareRoom, size, 0, 0, 8, 0, 0, 0, 0, 0]
    if (tiles > 0) yield { m, tiles, index: scope.from, own: 0 }
  }

  return function* step(block, mode) {
    const { marks } = block.of(shape.member)
    if (marks.length === 0) return { values: report(mode) }
    const before = state.kept
    const size = before + marks.length + Number(centred)
    const weights = meanWeights(marks, options.forget)
    if (centred) arena.f64(u, marks.length).set(weights.u)
    let single = fast && block.of(shape.member).elementBytes === 4
    let c = yield* gram(segments(block, before), size, single)
    if (single && !inRange(c, size, scope.rows)) {
      single = false
      c = yield* gram(segments(block, before), size)
    }
    const precision = { ...limits, single }
    const combination = centred
      ? combinePositions(before, marks, weights, state.weight, options.forget)
      : combineDeltas(before, marks, options.forget)
    const solution = solve(c, size, combination, single, scope.name)
    state.orthogonality = orthogonalityOf(c, size, before)
    const padded = (n: number): number => Math.ceil(n / 4) * 4
    const turnBack = (vectors: Float64Array, pitch: number): Float64Array =>
      rotation(combination, vectors, size, state.kept, pitch)
    let vectors: Float64Array
    if (spareRoom > 0) {
      // A pass turns the columns to near orthogonality, so that the next one's Gram matrix is nearly diagonal and gives
      // small singular values to relative accuracy.
      const turned = combination.size
      const identity = combineDeltas(turned, [], 1)
      const pitch = padded(turned)
      let source: Iterable<{ m: Panel; tiles: number; own: number }> = segments(block, before)
      let r = rotation(combination, solution.vectors, size, turned, pitch)
      let refined = solution
      let { turn } = solution
      vectors = solution.vectors
      for (let pass = 2; ; pass++) {
        rotate(source, r, pitch, spare, spareRoom)
        const again = yield* gram(spareSegments(turned), turned)
        refined = solve(again, turned, identity, false, scope.name)
        vectors = multiply(vectors, refined.vectors, turned)
        turn += refined.turn
        source = spareSegments(turned)
        if (pass === mostPasses || orthogonalityOf(again, turned, turned) <= nearly) break
        r = rotation(identity, refined.vectors, turned, turned, pitch)
      }
      account(state, { ...refined, own: solution.own, vectors, turn }, combination, precision)
      if (mode.commit) {
        const kept = padded(state.kept)
        r = rotation(identity, refined.vectors, turned, state.kept, kept)
        rotate(source, r, kept, rows, columns)
      }
    } else {
      vectors = solution.vectors
      account(state, solution, combination, precision)
      if (mode.commit) {
        const pitch = padded(state.kept)
        const r = turnBack(vectors, pitch)
        if (single) rotateSingle(segments(block, before), r, pitch)
        else rotate(segments(block, before), r, pitch, rows, columns)
      }
    }
    const result: SvdResult = {
      gram: c,
      columns: size,
      before,
      rotation: turnBack(vectors, state.kept),
      kept: state.kept,
      scales: state.squares.slice(0, state.kept).map(Math.sqrt),
    }
    if (combination.added > 0 && centred) {
      state.weight = combination.fade * state.weight + weights.total
      if (mode.commit) moveMean(block, weights.total / state.weight)
    }
    return {
      values: report(mode),
      result,
    }
  }

  function report(mode: Mode): Values {
    return mode.report
      ? figures(state, options.rank, scope, { storageBytes, single: fast }, mode)
      : {}
  }

  /** Moves the mean by this fraction of the way to the block's. */
  function moveMean(block: Block, fraction: number): void {
    for (const { m, tiles: count } of segments(block, 0)) {
      const [, , , , x, stride, eb, n, own, high, low] = m
      kernels.svd_mean(x, stride, eb, n, own, high, low, u, count * tileRows, fraction)
    }
  }
}

/** The product of two size x size matrices by rows. */
function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  return rotation({ w: a, size, added: 0, fade: 1 }, b, size, size, size)
}
