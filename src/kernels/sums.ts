import type { Arena } from './arena.ts'
import { type TreeNodes, treeMerges, treeSlots } from './tree.ts'

/** Scratch bytes that `TileSums` of this width need for a scope. */
export function sumsBytes(tiles: number, width: number): number {
  return treeSlots(tiles) * width * 8
}

/**
 * A stack of partial sums in scratch memory, filled tile by tile. A kernel takes the stack as its `sums` and returns the new depth;
 * TypeScript fills `slot()` and calls `push(index)`.
 */
export class TileSums {
  /** Address of the stack. */
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

  /** The zeroed vector for the sums of the next tile. */
  slot(): Float64Array {
    return this.#slots.subarray(this.depth * this.width, (this.depth + 1) * this.width).fill(0)
  }

  push(index: number): void {
    this.depth = join(this.#slots, this.depth, this.width, index, this.from)
  }

  /** What a shard yields once all its tiles [from, to) have been added. */
  partial(to: number): TreeNodes {
    return {
      from: this.from,
      to,
      width: this.width,
      nodes: this.#slots.slice(0, this.depth * this.width),
    }
  }
}

/**
 * For references, the counterpart of a kernel's `treePush`: puts one tile's sums on the stack and joins the subtrees that it
 * completes.
 */
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

/** Joins the sums of tile `index`, in slot `depth`, with the left siblings that it completes. Returns the new depth. */
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
