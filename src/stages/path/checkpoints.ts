import { type Arena, openHeader } from '../../stage/index.ts'
import type { Sketch } from './fold.ts'
import { pathKernels } from './kernels.gen.ts'
import { headerShape, type Layout, sketchBytes } from './layout.ts'

/** A sketch and the values that came with it. */
export interface Checkpoint {
  readonly sketch: Sketch
  readonly block: number
  readonly step: number
  /** Squared norm of the update after it, by layer. */
  readonly squares: Float64Array
}

/**
 * Checkpoints on a grid of blocks, with the products of all their displacements. When there is no more room, the grid is made twice as
 * coarse, and the checkpoints that are not on it are dropped.
 */
export class Checkpoints {
  readonly header: ReturnType<typeof openHeader<ReturnType<typeof headerShape>>>
  readonly #arena: Arena
  readonly #layout: Layout
  readonly #sketches: number

  constructor(arena: Arena, address: number, sketches: number, layout: Layout) {
    this.#arena = arena
    this.#layout = layout
    this.#sketches = sketches
    this.header = openHeader(arena, address, headerShape(layout))
  }

  /** The scale of the last sketch; the next one often has the same. */
  get scale(): number {
    return this.header.scale || 1
  }

  /** Blocks from one checkpoint to the next. */
  get stride(): number {
    return Math.max(1, this.header.stride)
  }

  /** Whether a checkpoint before this block is on the grid. Makes room for it if so. */
  wants(block: number): boolean {
    if (block % this.stride !== 0) return false
    while (this.header.kept === this.#layout.most) this.#thin()
    return block % this.stride === 0
  }

  /** Stores w0 beside the other sketches. */
  setOrigin(sketch: Sketch): void {
    const { header } = this
    const { kept } = header
    this.#keep(0, sketch)
    header.hasOrigin = 1
    header.originSquare = this.#products(0, 0, 1)[0]!
    header.origin.set(this.#products(0, 1, kept))
  }

  add({ sketch, block, step, squares }: Checkpoint): void {
    const { header } = this
    const { most } = this.#layout
    const n = header.kept++
    this.#keep(1 + n, sketch)
    header.scale = sketch.scale
    this.#products(1 + n, 1, n + 1).forEach((product, i) => {
      header.gram[n * most + i] = product
      header.gram[i * most + n] = product
    })
    if (header.hasOrigin) header.origin[n] = this.#products(1 + n, 0, 1)[0]!
    header.blocks[n] = block
    header.steps[n] = step
    header.squares.set(squares, n * squares.length)
  }

  /** Makes the grid twice as coarse. */
  #thin(): void {
    const { header } = this
    const { most, layers } = this.#layout
    const width = layers.length
    header.stride = 2 * this.stride
    const left = Array.from({ length: header.kept }, (_, i) => i).filter(
      (i) => header.blocks[i]! % header.stride === 0
    )
    left.forEach((from, to) => {
      this.#sketch(1 + to).set(this.#sketch(1 + from))
      header.blocks[to] = header.blocks[from]!
      header.steps[to] = header.steps[from]!
      header.origin[to] = header.origin[from]!
      header.squares.copyWithin(to * width, from * width, (from + 1) * width)
      // Those before have already been moved up, so nothing is read after it was overwritten.
      left.forEach((other, at) => {
        header.gram[to * most + at] = header.gram[from * most + other]!
      })
    })
    header.kept = left.length
  }

  /** A loop, because mapping by the methods of typed arrays takes ten times as long, more than reading a million rows. */
  #keep(place: number, { sums, scale }: Sketch): void {
    const sketch = this.#sketch(place)
    // Both are powers of two.
    const unit = 1 / scale
    for (let i = 0; i < sketch.length; i++) sketch[i] = sums[i]! * unit
  }

  /** Products of a sketch with `count` others. */
  #products(sketch: number, first: number, count: number): Float64Array {
    const { slots } = this.#layout
    const out = this.#addressOf(this.#layout.most + 1)
    this.#arena.kernels(pathKernels).path_products({
      sketch: this.#addressOf(sketch),
      others: this.#addressOf(first),
      count,
      length: slots,
      out,
    })
    return this.#arena.f64(out, count)
  }

  #addressOf(sketch: number): number {
    return this.#sketches + sketch * sketchBytes(this.#layout)
  }

  /** w0 is the first one. */
  #sketch(place: number): Float32Array {
    return this.#arena.f32(this.#addressOf(place), this.#layout.slots)
  }
}
