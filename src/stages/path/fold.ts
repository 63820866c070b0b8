import {
  type Block,
  countsTree,
  type ShardSums,
  type Step,
  sumsBytes,
  TileSums,
  tileRows,
} from '../../stage/index.ts'
import type { PathContext } from './index.ts'
import { pathKernels } from './kernels.gen.ts'
import type { Layout } from './layout.ts'

/** Slots past the last one. A tile that begins in the last slots runs into them; their sums then go to the first slots. */
const spill = tileRows

/** Rows are rounded to integers of at most 2 to this power, so that sums of up to 2^39 of them are exact. */
const digits = 30

export const scratchBytes = (tiles: number, { slots, layers }: Layout): number =>
  Math.max(8 * (slots + spill), sumsBytes(tiles, 1 + layers.length))

/** A sketch before it is rounded to f32: sums of integers, and the factor by which rows were multiplied before rounding. */
export interface Sketch {
  readonly sums: Float64Array
  readonly scale: number
}

export interface Folded {
  /** Of the position before the block, minus w0; and of w0, if that was asked for and is known. */
  readonly position: Sketch
  readonly origin: Sketch | undefined
  /** Squared norm of the block's first column, by layer. */
  readonly squares: Float64Array
}

/**
 * Sketches over all shards; `assembly/path.ts` defines them.
 *
 * @param guess a likely scale: if it is wrong, the rows are read again
 */
export function* folded(
  context: PathContext,
  layout: Layout,
  block: Block,
  wantsOrigin: boolean,
  guess: number
): Step<Folded> {
  const { scope } = context
  const { slots } = layout
  // The high part of a position is all that an f32 holds.
  const sources = [block.positions.high]
  if (wantsOrigin && block.weights !== 0) sources.push(block.weights)
  const integers = new Float64Array(1 + sources.length * slots)
  const partOf = (i: number): Float64Array => integers.subarray(1 + i * slots, 1 + (i + 1) * slots)
  const extents = Float64Array.from(sources, (source, i) =>
    foldTo(partOf(i), context, layout, source, guess)
  )
  const { add, max } = yield { add: squaresOf(context, layout, block), max: extents }
  const squares = add.slice(1)
  const scales = Array.from(max, scaleOf)
  sources.forEach((source, i) => {
    const scale = scales[i]!
    if (scale !== guess) foldTo(partOf(i), context, layout, source, scale)
  })
  const { add: sums } = yield { add: countsTree(scope, integers) }
  const [position, origin] = scales.map((scale, i) => ({
    sums: sums.subarray(1 + i * slots, 1 + (i + 1) * slots),
    scale,
  }))
  return { position: position!, origin, squares }
}

/** Limit of the scale: a power of two that an f32 holds. */
const largestScale = 2 ** 126

/** The factor by which rows are multiplied before they are rounded: a power of two. */
function scaleOf(largest: number): number {
  let scale = 1
  if (largest === 0) return scale
  while (largest * scale < 2 ** (digits - 1) && scale < largestScale) scale *= 2
  while (largest * scale >= 2 ** digits) scale /= 2
  return scale
}

/** This shard's part of a sketch, in integers. Returns the largest magnitude of its rows. */
function foldTo(
  part: Float64Array,
  { arena, scope, scratch, options }: PathContext,
  { slots, folded }: Layout,
  source: number,
  scale: number
): number {
  const own = arena.f64(scratch, slots + spill).fill(0)
  const { path_fold } = arena.kernels(pathKernels)
  let largest = 0
  for (const { tile, tiles, index } of scope.segments) {
    const x = source + tile * tileRows * 4
    const { seed } = options
    largest = Math.max(largest, path_fold({ x, scale, slots: scratch, folded, seed, tiles, index }))
  }
  for (let i = 0; i < Math.min(spill, slots); i++) own[i]! += own[slots + i]!
  part.set(own.subarray(0, slots))
  return largest
}

/** Sum of squares of the block's first column, by layer. */
function squaresOf(
  { arena, scope, scratch, shape }: PathContext,
  { layers }: Layout,
  block: Block
): ShardSums['add'] {
  const { pointer, elementBytes } = block.of(shape.member)
  const { path_squares } = arena.kernels(pathKernels)
  const sums = new TileSums(arena, scratch, scope, 1 + layers.length)
  for (const { tile, tiles, index } of scope.segments) {
    for (const [place, tensor] of scope.tensors.entries()) {
      const from = Math.max(index, tensor.tile)
      const to = Math.min(index + tiles, tensor.tile + tensor.tiles)
      if (from >= to) continue
      const layer = layers.indexOf(place)
      sums.depth = path_squares({
        x: layer < 0 ? 0 : pointer + (tile + from - index) * tileRows * elementBytes,
        elementBytes,
        layer,
        width: sums.width,
        tiles: to - from,
        index: from,
        sums,
      })
    }
  }
  return sums.partial(scope.to)
}
