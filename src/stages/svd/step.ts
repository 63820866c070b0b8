import type { Block } from '../../engine/block.ts'
import { tileRows } from '../../engine/scope.ts'
import type { Mode, Outcome, StageContext, Step, Values } from '../../engine/stage.ts'
import { ThalwegError } from '../../error.ts'
import { sumsBytes, TileSums } from '../../kernels/sums.ts'
import { combineDeltas, combinePositions, congruence, meanWeights, rotation } from './combine.ts'
import { figures } from './figures.ts'
import { type Eigen, jacobi } from './jacobi.ts'
import { type Panel, svdKernels } from './kernels.ts'
import { factorLayout, type SvdOptions } from './layout.ts'
import { SvdState } from './state.ts'

/** Directions whose singular value is below this fraction of the first are noise of the storage. */
const rankCut = { 4: 1e-6, 8: 1e-13 } as const

/** What a block brought about, for later stages: all small, by rows, valid until the next block. */
export interface SvdResult {
  /** Gram matrix of [B X] (and of q where positions are decomposed) before the rotation, packed upper triangle. */
  readonly gram: Float64Array
  readonly columns: number
  /** B after the block is [B X] times this, `columns` x `kept`. */
  readonly rotation: Float64Array
  readonly kept: number
  /** Norms of B's columns after the block. */
  readonly scales: Float64Array
}

/** Makes the step of one scope on one shard. */
export function svdStep(
  context: StageContext<SvdOptions>
): (block: Block, mode: Mode) => Step<Outcome> {
  const { options, arena, scope, shape, rows, scratch } = context
  const kernels = arena.kernels(svdKernels)
  const layout = factorLayout(options, shape.block)
  const { columns, storageBytes, spareRoom } = layout
  const state = new SvdState(arena, context.header, columns)
  const tiles = scope.to - scope.from
  const mean = rows + tiles * layout.meanAt
  const spare = rows + tiles * layout.spareAt
  const most = columns + shape.block + 1
  const panel = scratch + sumsBytes(scope.tiles, 1 + (most * (most + 1)) / 2)
  const u = panel + 512 * (most + 3)
  const centred = options.of === 'positions'

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
    size: number
  ): Step<Float64Array> {
    const sums = new TileSums(arena, scratch, scope, 1 + (size * (size + 1)) / 2)
    for (const { m, tiles: count, index } of pieces) {
      sums.depth = kernels.svd_gram(...m, count, index, sums.from, sums.pointer, sums.depth, panel)
    }
    const { add } = yield { add: sums.partial(scope.to) }
    const c = add.subarray(1)
    if (!c.every(Number.isFinite)) {
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
    const weights = meanWeights(marks)
    if (centred) arena.f64(u, marks.length).set(weights.u)
    const c = yield* gram(segments(block, before), size)
    const combination = centred
      ? combinePositions(before, marks, weights, state.seen)
      : combineDeltas(before, marks, options.forget)
    const own = congruence(c, size, combination)
    const eigen = solve(own, combination.size)
    state.orthogonality = orthogonalityOf(c, size, before)
    const padded = (n: number): number => Math.ceil(n / 4) * 4
    let result: SvdResult | undefined

    if (spareRoom > 0) {
      // The first pass turns all columns to near orthogonality, so that the second one's Gram matrix is nearly diagonal
      // and gives small singular values to relative accuracy.
      const turned = combination.size
      rotate(
        segments(block, before),
        rotation(combination, eigen.vectors, size, turned, padded(turned)),
        padded(turned),
        spare,
        spareRoom
      )
      const second = yield* gram(spareSegments(turned), turned)
      const identity = combineDeltas(turned, [], 1)
      const refined = solve(congruence(second, turned, identity), turned)
      const vectors = multiply(eigen.vectors, refined.vectors, turned)
      account({ ...refined, vectors }, own, combination)
      if (mode.commit) {
        const r = rotation(identity, refined.vectors, turned, state.kept, padded(state.kept))
        rotate(spareSegments(turned), r, padded(state.kept), rows, columns)
      }
    } else {
      account(eigen, own, combination)
      const r = rotation(combination, eigen.vectors, size, state.kept, padded(state.kept))
      if (mode.commit) rotate(segments(block, before), r, padded(state.kept), rows, columns)
      const scales = state.squares.slice(0, state.kept).map(Math.sqrt)
      result = { gram: c, columns: size, rotation: r, kept: padded(state.kept), scales }
    }
    if (mode.commit && centred && combination.added > 0) moveMean(block, combination.added)
    return {
      values: report(mode),
      result,
    }
  }

  function report(mode: Mode): Values {
    return mode.report ? figures(state, options.rank, scope.rows, storageBytes, mode) : {}
  }

  function solve(matrix: Float64Array, size: number): Eigen {
    const eigen = jacobi(matrix, size)
    if (!eigen.converged) {
      throw new ThalwegError(
        'E_KERNEL',
        `stage svd: the eigenvalues of the Gram matrix of ${scope.name} did not converge. Please report this.`
      )
    }
    return eigen
  }

  /** Takes a block's eigenvalues into the small state. */
  function account(
    { values, vectors }: Eigen,
    own: Float64Array,
    { size, added, fade }: ReturnType<typeof combineDeltas>
  ): void {
    const before = state.kept
    const cut = rankCut[storageBytes] ** 2 * (values[0] ?? 0)
    const kept = Math.min(columns, values.filter((value) => value > cut).length)
    const { carried, beyond } = overlaps(own, values, vectors, size, before, kept)
    let energy = state.energy * fade
    for (let i = before; i < size; i++) energy += own[i * size + i]!
    const lacking = Math.max(
      0,
      state.energy - state.squares.slice(0, before).reduce((a, b) => a + b, 0)
    )
    const concentration = lacking > 0 ? state.concentration / lacking : 0
    const missing = carried.map((value, i) => fade * (value + beyond[i]! * concentration))
    state.missing.fill(0).set(missing)
    state.squares.fill(0).set(values.subarray(0, kept))
    const discarded = values.subarray(kept)
    state.discarded = state.discarded * fade + (discarded[0] ?? 0)
    state.concentration =
      state.concentration * fade * fade + discarded.reduce((sum, value) => sum + value * value, 0)
    state.energy = energy
    state.seen += added
    state.blocks++
    state.kept = kept
  }

  /** How each new direction lies to the old ones: what of `missing` it takes over, and its part outside their span. */
  function overlaps(
    own: Float64Array,
    values: Float64Array,
    vectors: Float64Array,
    size: number,
    before: number,
    kept: number
  ) {
    const carried = new Float64Array(kept)
    const beyond = new Float64Array(kept).fill(1)
    for (let i = 0; i < kept; i++) {
      for (let j = 0; j < before; j++) {
        const square = own[j * size + j]!
        const along = square > 0 ? (values[i]! / square) * vectors[j * size + i]! ** 2 : 0
        carried[i]! += along * state.missing[j]!
        beyond[i]! -= along
      }
      beyond[i] = Math.max(0, beyond[i]!)
    }
    return { carried, beyond }
  }

  function moveMean(block: Block, added: number): void {
    const earlier = state.seen - added
    for (const { m, tiles: count } of segments(block, 0)) {
      const [, , , , x, stride, eb, n, own, high, low] = m
      kernels.svd_mean(
        x,
        stride,
        eb,
        n,
        own,
        high,
        low,
        u,
        count * tileRows,
        added / (earlier + added)
      )
    }
  }
}

/** The product of two size x size matrices by rows. */
function multiply(a: Float64Array, b: Float64Array, size: number): Float64Array {
  return rotation({ w: a, size, added: 0, fade: 1 }, b, size, size, size)
}

/** max |UᵀU - I| of B's normalised columns, from the Gram matrix: rounding of the storage alone. */
function orthogonalityOf(packed: Float64Array, size: number, kept: number): number {
  const diagonal = (i: number): number => packed[i * size - (i * (i - 1)) / 2]!
  let worst = 0
  for (let i = 0; i < kept; i++) {
    for (let j = i + 1; j < kept; j++) {
      const c = packed[i * size - (i * (i - 1)) / 2 + j - i]!
      worst = Math.max(worst, Math.abs(c) / Math.sqrt(diagonal(i) * diagonal(j)))
    }
  }
  return worst
}
