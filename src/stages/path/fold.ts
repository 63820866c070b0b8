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

/** Slots past the last, of which the first ones get what a tile that begins in the last ones brings. */
const spill = tileRows

/** Rows are rounded to integers of 2 to this power at most, so that sums of up to 2^39 of them are exact. */
const digits = 30

export const scratchBytes = (tiles: number, { slots, layers }: Layout): number =>
  Math.max(8 * (slots + spill), sumsBytes(tiles, 1 + layers.length))

export interface Folded {
  /** Of the position before the block, less w0; and of w0, where that was asked for and is known. */
  readonly position: Float32Array
  readonly origin: Float32Array | undefined
  /** Squared norm of the block's first column, by layer. */
  readonly squares: Float64Array
}

/** Sketches over all shards; `assembly/path.ts` states what they are. */
export function* folded(
  context: PathContext,
  layout: Layout,
  block: Block,
  wantsOrigin: boolean
): Step<Folded> {
  const { scope } = context
  const { slots } = layout
  // Of positions the high part is all that an f32 holds.
  const sources = [block.positions.high]
  if (wantsOrigin && block.weights !== 0) sources.push(block.weights)
  const extents = Float64Array.from(sources, (source) => extentOf(context, source))
  const { add, max } = yield { add: squaresOf(context, layout, block), max: extents }
  const squares = add.slice(1)
  const scales = Array.from(max, scaleOf)
  const integers = new Float64Array(1 + sources.length * slots)
  sources.forEach((source, i) => {
    integers.set(slotsOf(context, layout, source, scales[i]!), 1 + i * slots)
  })
  const { add: sums } = yield { add: countsTree(scope, integers) }
  const [position, origin] = scales.map((scale, i) => sketchOf(sums, 1 + i * slots, slots, scale))
  return { position: position!, origin, squares }
}

/** Rounded once, and by a loop: `Float32Array.from` takes ten times as long for it, more than reading a million rows. */
function sketchOf(sums: Float64Array, from: number, slots: number, scale: number): Float32Array {
  const sketch = new Float32Array(slots)
  for (let i = 0; i < slots; i++) sketch[i] = sums[from + i]! / scale
  return sketch
}

function extentOf({ arena, scope }: PathContext, source: number): number {
  const { path_extent } = arena.kernels(pathKernels)
  return scope.segments.reduce(
    (largest, { tile, tiles }) =>
      Math.max(largest, path_extent({ x: source + tile * tileRows * 4, tiles })),
    0
  )
}

/** A power of two that an f32 holds. */
const largestScale = 2 ** 126

/** By what rows are multiplied before they are rounded: a power of two. */
function scaleOf(largest: number): number {
  let scale = 1
  if (largest === 0) return scale
  while (largest * scale < 2 ** (digits - 1) && scale < largestScale) scale *= 2
  while (largest * scale >= 2 ** digits) scale /= 2
  return scale
}

/** This shard's part of a sketch, in integers. */
function slotsOf(
  { arena, scope, scratch, options }: PathContext,
  { slots, folded }: Layout,
  source: number,
  scale: number
): Float64Array {
  const own = arena.f64(scratch, slots + spill).fill(0)
  const { path_fold } = arena.kernels(pathKernels)
  for (const { tile, tiles, index } of scope.segments) {
    path_fold({
      x: source + tile * tileRows * 4,
      scale,
      slots: scratch,
      folded,
      seed: options.seed,
      tiles,
      index,
    })
  }
  for (let i = 0; i < Math.min(spill, slots); i++) own[i]! += own[slots + i]!
  return own.subarray(0, slots)
}

/** Squares of the block's first column by layer. */
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
