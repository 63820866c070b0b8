import { upperIndex } from '../../linalg/matrix.ts'
import { triangleSize } from '../../linalg/triangular.ts'
import {
  type Block,
  type StageContext,
  type Step,
  sumsBytes,
  ThalwegError,
  TileSums,
  tileRows,
} from '../../stage/index.ts'
import { type M, svdKernels } from './kernels.gen.ts'
import { factorLayout } from './layout.ts'
import { openSmall, smallWork } from './small.ts'
import type { SvdOptions } from './spec.ts'
import type { Elimination } from './storing/eliminate.ts'

/** Consecutive tiles of M, with the addresses of its parts there. */
export interface Stretch {
  readonly m: M
  readonly tiles: number
  /** Number of the first tile in the scope. */
  readonly index: number
}

/** Bytes of a column in the kernels' panel; equals `PITCH` of `assembly/lib/panel.ts`. */
const panelColumn = 512

/** Columns of M that the kernels' scratch has room for. */
const mostColumns = (options: SvdOptions, block: number): number =>
  factorLayout(options, block).columns + block + 1

/** Bytes of the sums over tiles that make up C. */
const gramBytes = (tiles: number, columns: number): number =>
  sumsBytes(tiles, 1 + triangleSize(columns))

/** Scratch bytes: the sums (or the matrix that M is turned by), a panel of the kernels, u, and work space for small matrices. */
export function scratchBytes(tiles: number, block: number, options: SvdOptions): number {
  const most = mostColumns(options, block)
  return gramBytes(tiles, most) + panelColumn * (most + 3) + 8 * block + smallWork(most)
}

/** Operations on the rows of one scope on one shard. */
export function openRows({
  options,
  arena,
  scope,
  shape,
  rows,
  scratch,
}: StageContext<SvdOptions>) {
  const kernels = arena.kernels(svdKernels)
  const layout = factorLayout(options, shape.block)
  const { columns, storageBytes, spareRoom } = layout
  const centred = options.of === 'positions'
  const tiles = scope.to - scope.from
  const mean = rows + tiles * layout.meanAt
  const spare = rows + tiles * layout.spareAt
  const most = mostColumns(options, shape.block)
  const panel = scratch + gramBytes(scope.tiles, most)
  const u = panel + panelColumn * (most + 3)

  return {
    small: openSmall(arena, u + 8 * shape.block),

    /** [B X] or, for positions, [B X q], where B has `kept` columns. */
    joined(block: Block, kept: number): Stretch[] {
      const x = block.of(shape.member)
      return scope.segments.map(({ tile, tiles, index }) => {
        const own = (index - scope.from) * tileRows
        const row = tile * tileRows
        return {
          m: {
            b: rows + own * columns * storageBytes,
            storageBytes,
            room: columns,
            l: kept,
            x: x.pointer + row * x.elementBytes,
            stride: x.stride,
            elementBytes: x.elementBytes,
            n: block.length,
            mean: centred ? mean + own * 8 : 0,
            high: block.positions.high + row * 4,
            low: block.positions.low + row * 4,
            u,
          },
          tiles,
          index,
        }
      })
    },

    /** The spare's columns, for the passes of the reference mode. */
    spare(size: number): Stretch[] {
      const none = { x: 0, stride: 0, elementBytes: 8, n: 0, mean: 0, high: 0, low: 0, u: 0 }
      const m = { b: spare, storageBytes, room: spareRoom, l: size, ...none }
      return tiles > 0 ? [{ m, tiles, index: scope.from }] : []
    },

    /**
     * C = MᵀM of all shards, its upper triangle packed by rows.
     *
     * @param squares bounds of the first columns' squared norms, if their products are known and need not be formed
     */
    *gram(
      stretches: readonly Stretch[],
      size: number,
      single: boolean,
      squares = new Float64Array()
    ): Step<Float64Array> {
      const known = squares.length
      const sums = new TileSums(arena, scratch, scope, 1 + triangleSize(size) - triangleSize(known))
      for (const { m, tiles, index } of stretches) {
        const values = { m, known, tiles, index, sums, panel }
        sums.depth = single ? kernels.svd_gram_single(values) : kernels.svd_gram(values)
      }
      const { add } = yield { add: sums.partial(scope.to) }
      const c = known === 0 ? add.subarray(1) : completed(add.subarray(1), size, squares)
      if (!single && !c.every(Number.isFinite)) {
        throw new ThalwegError(
          'E_NONFINITE',
          `stage svd: the Gram matrix of ${scope.name} is not finite. Scale the weights down, or leave out the tensor that grew.`
        )
      }
      return c
    },

    /** Writes M R over B, or to the spare, for R in rows of `pitch`; `single` forms it in f32. */
    turn(
      stretches: readonly Stretch[],
      r: Float64Array,
      pitch: number,
      into: 'factor' | 'spare',
      single = false
    ): void {
      const [start, room] = into === 'spare' ? [spare, spareRoom] : [rows, columns]
      const stored = single ? arena.f32(scratch, r.length) : arena.f64(scratch, r.length)
      stored.set(r)
      for (const { m, tiles, index } of stretches) {
        const out = start + (index - scope.from) * room * tileRows * storageBytes
        const values = { m, tiles, r: scratch, kept: pitch, panel, out, outRoom: room }
        if (single) kernels.svd_rotate_single(values)
        else kernels.svd_rotate(values)
      }
    },

    /** Writes the stored columns M_S + M_R C over B; `single` forms them in f32. */
    eliminate(
      stretches: readonly Stretch[],
      { chosen, rest, coefficients }: Elimination,
      single: boolean
    ): void {
      const count = coefficients.length
      const stored = single ? arena.f32(scratch, count) : arena.f64(scratch, count)
      stored.set(coefficients)
      const plan = scratch + 8 * count
      const size = { kept: chosen.length, rest: rest.length }
      const listed = arena.u32(plan, size.kept + size.rest)
      listed.set(chosen)
      listed.set(rest, size.kept)
      for (const { m, tiles } of stretches) {
        const values = { m, tiles, plan, ...size, c: scratch, panel }
        if (single) kernels.svd_eliminate_single(values)
        else kernels.svd_eliminate(values)
      }
    },

    /** Passes to the kernels the weights of a block's columns in the mean of its positions. */
    weigh(weights: Float64Array): void {
      arena.f64(u, weights.length).set(weights)
    },

    /** Moves the mean by this fraction of the way to the block's mean. */
    moveMean(stretches: readonly Stretch[], fraction: number): void {
      for (const { m, tiles } of stretches) {
        kernels.svd_mean({ m, rows: tiles * tileRows, w: fraction })
      }
    },
  }
}

/** Whether products in f32 neither overflowed nor vanished, judged by the largest diagonal entry of C (packed). */
export function inRange(c: Float64Array, size: number, rows: number): boolean {
  let largest = 0
  for (let i = 0; i < size; i++) largest = Math.max(largest, c[upperIndex(size, i, i)]!)
  return largest >= 2 ** -100 * rows && c.every(Number.isFinite)
}

/** Adds the known part to a C formed without the products of its first columns: only their squared norms, as the rest is 0. */
function completed(formed: Float64Array, size: number, squares: Float64Array): Float64Array {
  const known = squares.length
  const c = new Float64Array(triangleSize(size))
  for (let i = 0, from = 0; i < size; i++) {
    const first = Math.max(i, known)
    c.set(formed.subarray(from, from + size - first), upperIndex(size, i, first))
    from += size - first
    if (i < known) c[upperIndex(size, i, i)] = squares[i]!
  }
  return c
}
