import type { Arena } from '../../../kernels/arena.ts'
import type { Turn } from './coordinates.ts'

const [STEP, MOVED, FIRST] = [0, 1, 2] as const

/**
 * The latest positions of a run in a few coordinates, at even steps and without a break, in a stage's header region: their
 * number, then rows of [step, ‖w - w_before‖², coordinates], all f64. Coordinates begin at zero where the path does.
 *
 * A change of basis turns all of them, so that they go on without a jump; what lies outside the new directions is gone.
 */
export class Path {
  readonly rank: number
  readonly #control: Float64Array
  readonly #rows: Float64Array
  readonly #width: number

  static bytes(points: number, rank: number): number {
    return 8 * (1 + points * (FIRST + rank))
  }

  constructor(arena: Arena, address: number, points: number, rank: number) {
    this.rank = rank
    this.#width = FIRST + rank
    this.#control = arena.f64(address, 1)
    this.#rows = arena.f64(address + 8, points * this.#width)
  }

  get count(): number {
    return this.#control[0]!
  }

  step(i: number): number {
    return this.#rows[i * this.#width + STEP]!
  }

  /** Squared length of the step that led here, outside the coordinates too. */
  moved(i: number): number {
    return this.#rows[i * this.#width + MOVED]!
  }

  position(i: number): Float64Array {
    const start = i * this.#width + FIRST
    return this.#rows.subarray(start, start + this.rank)
  }

  /** Takes all positions to another basis. */
  turn({ rotation, from, to }: Turn): void {
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

  /** Adds the position after a step; the path begins anew where nothing connects it with the one before. */
  append(step: number, breaks: boolean, increment: Float64Array, square: number): void {
    const last = this.count - 1
    const even = last < 1 || step - this.step(last) === this.step(last) - this.step(last - 1)
    if (breaks || !even) this.clear()
    const i = this.#control[0]!++
    this.#rows[i * this.#width + STEP] = step
    this.#rows[i * this.#width + MOVED] = square
    const position = this.position(i).fill(0)
    if (i === 0) return
    position.set(this.position(i - 1))
    for (let k = 0; k < increment.length; k++) position[k]! += increment[k]!
  }

  clear(): void {
    this.#control[0] = 0
  }

  /** Drops all but the last `points`. */
  keep(points: number): void {
    const surplus = this.count - points
    if (surplus <= 0) return
    this.#rows.copyWithin(0, surplus * this.#width, this.count * this.#width)
    this.#control[0] = points
  }
}
