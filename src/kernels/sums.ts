import type { Arena } from './arena.ts'
import { type TreeNodes, treeMerges, treeSlots } from './tree.ts'

/** Scratch bytes that `TileSums` of this width need for a scope. */
export function sumsBytes(tiles: number, width: number): number {
  return treeSlots(tiles) * width * 8
}

/**
 * A stack of partial sums in scratch memory, filled tile by tile: by a kernel, which takes it as its `sums` and returns the new
 * depth, or here, by filling `slot()` and calling `push(index)`.
 */
export class TileSums {
  /** Its address. */
  readonly stack: number
  readonly width: number
  readonly from: number
  depth = 0
  readonly #slots: Float64Array

  constructor(arena: Arena, stack: number, scope: { tiles: number; from: number }, width: number) {
    this.stack = stack
    this.width = width
    this.from = scope.from
    this.#slots = arena.f64(stack, treeSlots(scope.tiles) * width)
  }

  /** The vector that the next tile's sums go into, zeroed. */
  slot(): Float64Array {
    return this.#slots.subarray(this.depth * this.width, (this.depth + 1) * this.width).fill(0)
  }

  push(index: number): void {
    this.depth = join(this.#slots, this.depth, this.width, index, this.from)
  }

  /** What a shard yields once all its tiles [from, to) are in. */
  partial(to: number): TreeNodes {
    return {
      from: this.from,
      to,
      width: this.width,
      nodes: this.#slots.slice(0, this.depth * this.width),
    }
  }
}

/** What a reference does where a kernel calls `treePush`: puts one tile's sums on the stack and joins what they complete. */
export function pushTile(
  buffer: ArrayBuffer,
  { stack, from }: Pick<TileSums, 'stack' | 'from'>,
  depth: number,
  values: Float64Array,
  index: number
): number {
  const { length } = values
  const slots = new Float64Array(buffer, stack, (depth + 1) * length)
  slots.set(values, depth * length)
  return join(slots, depth, length, index, from)
}

/** Joins the sums of tile `index`, in slot `depth`, with the left siblings that they complete; the new depth. */
function join(
  stack: Float64Array,
  depth: number,
  width: number,
  index: number,
  from: number
): number {
  for (let merges = treeMerges(index, from); merges > 0; merges--, depth--) {
    const right = depth * width
    const left = right - width
    for (let i = 0; i < width; i++) stack[left + i]! += stack[right + i]!
  }
  return depth + 1
}
