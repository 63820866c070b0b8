import { add } from '../../../linalg/vector.ts'
import type { Turn } from '../../../stage/index.ts'
import { type Arena, type Header, headerBytes, openHeader } from '../../../stage/index.ts'

const [STEP, MOVED, FIRST] = [0, 1, 2] as const

const shapeOf = (points: number, rank: number) => ({
  words: ['count'] as const,
  lists: { rows: points * (FIRST + rank) },
})

/**
 * The latest positions of a run in a few coordinates, at even steps and without a break, in a stage's header region: rows of [step,
 * ‖w - w_before‖², coordinates], all f64. Coordinates are zero where the path begins.
 *
 * A change of basis turns all positions, so that they continue without a jump; what lies outside of the new directions is lost.
 */
export class Path {
  readonly rank: number
  readonly #header: Header<ReturnType<typeof shapeOf>>
  readonly #width: number

  static bytes(points: number, rank: number): number {
    return headerBytes(shapeOf(points, rank))
  }

  constructor(arena: Arena, address: number, points: number, rank: number) {
    this.rank = rank
    this.#header = openHeader(arena, address, shapeOf(points, rank))
    this.#width = FIRST + rank
  }

  get count(): number {
    return this.#header.count
  }

  step(i: number): number {
    return this.#header.rows[i * this.#width + STEP]!
  }

  /** Squared length of the step that led here, including what is outside of the coordinates. */
  moved(i: number): number {
    return this.#header.rows[i * this.#width + MOVED]!
  }

  position(i: number): Float64Array {
    const start = i * this.#width + FIRST
    return this.#header.rows.subarray(start, start + this.rank)
  }

  /** Takes all positions to another basis. */
  turn({ rotation, from, to }: Pick<Turn, 'rotation' | 'from' | 'to'>): void {
    const turned = new Float64Array(this.rank)
    for (let i = 0; i < this.count; i++) {
      const position = this.position(i)
      turned.fill(0)
      for (let a = 0; a < to; a++) {
        for (let b = 0; b < from; b++) turned[a]! += rotation[a * from + b]! * position[b]!
      }
      position.set(turned)
    }
  }

  /** Adds the position after a step. The path begins anew if this step does not connect to the one before. */
  append(step: number, breaks: boolean, increment: Float64Array, square: number): void {
    const last = this.count - 1
    const even = last < 1 || step - this.step(last) === this.step(last) - this.step(last - 1)
    if (breaks || !even) this.clear()
    const i = this.#header.count++
    this.#header.rows.set([step, square], i * this.#width)
    const position = this.position(i).fill(0)
    if (i === 0) return
    position.set(this.position(i - 1))
    add(position.subarray(0, increment.length), increment)
  }

  clear(): void {
    this.#header.count = 0
  }

  /** Drops all but the last `points`. */
  keep(points: number): void {
    const surplus = this.count - points
    if (surplus <= 0) return
    this.#header.rows.copyWithin(0, surplus * this.#width, this.count * this.#width)
    this.#header.count = points
  }
}
