import { isIdentity, multiply } from '../../../linalg/matrix.ts'
import { triangleSize } from '../../../linalg/triangular.ts'
import type { Turn } from '../../../stage/index.ts'
import { type KoopmanHeader, type Layout, mostStretches } from '../layout.ts'
import { Factors, fade } from './factors.ts'
import type { Solver } from './solver.ts'

/** A stretch as the intervals use it. */
export interface Stretch {
  readonly factor: Float64Array
  /** R that turns coordinates at its end into those at the end of the next stretch, `size` x `size`; undefined if nothing turns. */
  readonly turn: Float64Array | undefined
  /** Present weight of its rows. */
  readonly weight: number
  readonly rows: number
}

/** Number of recorded steps in the first stretches. */
const leastSteps = 4

/** All rows together. */
export interface Whole {
  readonly factor: Float64Array
  readonly rows: number
  /** Share of the positions' squared length that was lost from the coordinates. */
  readonly lost: number
}

/**
 * The rows of a run in triangular factors: one of the open stretch, one of each of at most 32 closed ones, and one of all closed ones
 * together. When there are 32, neighbours join, so that a run of any length has some 16 to 32 stretches. With a window, the oldest stretch
 * is dropped instead, and the factor of the others is summed anew, never subtracted. Closed stretches stay in the basis of their end, with
 * the turns that came after it, and are turned when they are needed.
 */
export class Stretches {
  readonly #header: KoopmanHeader
  readonly #layout: Layout
  readonly #factors: Factors
  readonly #forget: number
  readonly #window: number | undefined
  readonly #least: number

  constructor(
    header: KoopmanHeader,
    layout: Layout,
    solver: Solver,
    { forget, window }: { readonly forget: number; readonly window?: number | undefined }
  ) {
    this.#header = header
    this.#layout = layout
    this.#factors = new Factors(layout, solver)
    this.#forget = forget
    this.#window = window
    // A stretch is at least as long as a row, so that few rows lie in two stretches.
    const share = window === undefined ? leastSteps : Math.ceil(window / (mostStretches / 2))
    this.#least = Math.max(layout.depth - 1, share)
  }

  get rows(): number {
    return this.#header.openRows + this.#header.closedRows
  }

  /** First and last step of the trainer in the rows; null if there are no rows. */
  get steps(): [from: number, to: number] | null {
    const { taken, starts, to } = this.#header
    return taken > 0 ? [starts[0]!, to] : null
  }

  /** Number of trainer steps between recorded ones. */
  get spacing(): number {
    return this.#header.spacing
  }

  clear(): void {
    const header = this.#header
    header.stretches = 0
    header.filled = 0
    header.openRows = 0
    header.closedRows = 0
    header.taken = 0
    header.lost = 0
    header.open.fill(0)
    header.closed.fill(0)
  }

  /** Turns the open stretch to another basis. */
  turn(turn: Turn): void {
    const header = this.#header
    const rotation = this.#square(turn)
    if (header.filled > 0) {
      const after = this.#factors.turned(header.open, rotation)
      header.lost += this.#loss(header.open, after)
      header.open.set(after)
    }
    if (header.stretches > 0) {
      const last = this.#turnOf(header.stretches - 1)
      last.set(multiply(rotation, last, this.#layout.size))
    }
  }

  /**
   * Takes the rows of one recorded step.
   *
   * @param before the step of the trainer at the first position of these rows
   */
  take(rows: Float64Array, before: number, step: number): void {
    const header = this.#header
    const count = rows.length / this.#layout.width
    if (header.taken === 0) {
      header.span = this.#least
      header.starts[0] = before
    }
    fade(header.open, this.#forget)
    this.#factors.absorb(header.open, rows, count)
    header.openRows = header.openRows * this.#forget + count
    header.closedRows *= this.#forget
    header.lost *= this.#forget
    header.taken++
    header.filled++
    header.to = step
    if (header.filled >= header.span) this.#close(step)
  }

  whole(): Whole {
    const header = this.#header
    const factor = header.open.slice()
    let lost = 0
    if (this.#window !== undefined) {
      const { closed, lost: more } = this.#summedAnew()
      lost = more
      this.#factors.join(factor, closed)
    } else {
      lost = header.lost
      if (header.stretches > 0) {
        const { closed, lost: more } = this.#closedNow()
        lost += more
        this.#factors.join(factor, closed)
      }
    }
    const held = this.#factors.energyOf(factor)
    return { factor, rows: this.rows, lost: held + lost > 0 ? lost / (held + lost) : 0 }
  }

  /** The stretches, oldest first; the open one comes last, if it has rows. */
  each(): Stretch[] {
    const header = this.#header
    const found = Array.from({ length: header.stretches }, (_, s) => ({
      factor: this.#factorOf(s),
      turn: this.#turned(s),
      weight: this.#faded(header.taken - header.ends[s]!),
      rows: header.rows[s]!,
    }))
    if (header.filled === 0) return found
    return [...found, { factor: header.open, turn: undefined, weight: 1, rows: header.openRows }]
  }

  /** With a window there is no factor of all closed stretches: they are summed anew, each turned to the present basis. */
  #summedAnew(): { closed: Float64Array; lost: number } {
    const { stretches } = this.#header
    let closed: Float64Array = new Float64Array(this.#header.closed.length)
    let lost = 0
    for (let s = 0; s < stretches; s++) {
      this.#factors.join(closed, this.#factorOf(s))
      const turn = this.#turned(s)
      if (!turn) continue
      const after = this.#factors.turned(closed, turn)
      lost += this.#loss(closed, after)
      closed = after
    }
    return { closed, lost }
  }

  /** Closes the open stretch after this step. */
  #close(step: number): void {
    const header = this.#header
    if (this.#window === undefined) {
      if (header.stretches > 0) {
        const { closed, lost } = this.#closedNow()
        header.lost += lost
        header.closed.set(closed)
      }
      this.#factors.join(header.closed, header.open)
      if (header.stretches === mostStretches) this.#halve()
    } else {
      // Room for this stretch and the next.
      while (header.stretches > 0 && (header.stretches + 2) * header.span > this.#window) {
        this.#drop()
      }
    }
    const s = header.stretches++
    this.#factorOf(s).set(header.open)
    this.#reset(s)
    header.ends[s] = header.taken
    header.rows[s] = header.openRows
    header.starts[s + 1] = step
    header.closedAt = header.taken
    header.closedRows += header.openRows
    header.openRows = 0
    header.filled = 0
    header.open.fill(0)
  }

  /** Joins stretches in pairs, and makes the next ones twice as long. */
  #halve(): void {
    const header = this.#header
    for (let pair = 0; pair < mostStretches / 2; pair++) {
      const [a, b] = [2 * pair, 2 * pair + 1]
      const turn = this.#turned(a)
      const older = turn ? this.#factors.turned(this.#factorOf(a), turn) : this.#factorOf(a).slice()
      const weight = this.#faded(header.ends[b]! - header.ends[a]!)
      fade(older, weight)
      this.#factors.join(older, this.#factorOf(b))
      this.#factorOf(pair).set(older)
      if (header.turns.length > 0) this.#turnOf(pair).set(this.#turnOf(b))
      header.rows[pair] = weight * header.rows[a]! + header.rows[b]!
      header.ends[pair] = header.ends[b]!
      header.starts[pair] = header.starts[a]!
    }
    header.stretches = mostStretches / 2
    header.starts[header.stretches] = header.starts[mostStretches]!
    header.span *= 2
  }

  /** Drops the oldest stretch. */
  #drop(): void {
    const header = this.#header
    const { size, width } = this.#layout
    header.closedRows -= header.rows[0]!
    header.factors.copyWithin(0, triangleSize(width))
    if (header.turns.length > 0) header.turns.copyWithin(0, size * size)
    header.ends.copyWithin(0, 1)
    header.rows.copyWithin(0, 1)
    header.starts.copyWithin(0, 1)
    header.stretches--
  }

  /** All closed stretches together, in the present basis and with the present weight. */
  #closedNow(): { closed: Float64Array; lost: number } {
    const header = this.#header
    const turn = this.#turned(header.stretches - 1)
    const closed = turn ? this.#factors.turned(header.closed, turn) : header.closed.slice()
    const lost = turn ? this.#loss(header.closed, closed) : 0
    fade(closed, this.#faded(header.taken - header.closedAt))
    return { closed, lost }
  }

  /** Loss of squared length. */
  #loss(before: Float64Array, after: Float64Array): number {
    return Math.max(0, this.#factors.energyOf(before) - this.#factors.energyOf(after))
  }

  #faded(steps: number): number {
    let weight = 1
    if (this.#forget === 1) return weight
    for (let i = 0; i < steps && weight > 0; i++) weight *= this.#forget
    return weight
  }

  #factorOf(s: number): Float64Array {
    const length = triangleSize(this.#layout.width)
    return this.#header.factors.subarray(s * length, (s + 1) * length)
  }

  #turnOf(s: number): Float64Array {
    const length = this.#layout.size * this.#layout.size
    return this.#header.turns.subarray(s * length, (s + 1) * length)
  }

  /** The turn after a stretch; undefined if there was none, as within a block. */
  #turned(s: number): Float64Array | undefined {
    if (this.#header.turns.length === 0) return undefined
    const turn = this.#turnOf(s)
    return isIdentity(turn, this.#layout.size) ? undefined : turn
  }

  #reset(s: number): void {
    const { turns } = this.#header
    if (turns.length === 0) return
    const own = this.#turnOf(s).fill(0)
    for (let i = 0; i < this.#layout.size; i++) own[i * this.#layout.size + i] = 1
  }

  /** R in rows of `size`, zero beyond the directions that it turns. */
  #square({ rotation, from, to }: Turn): Float64Array {
    const { size } = this.#layout
    const square = new Float64Array(size * size)
    for (let i = 0; i < to; i++) {
      square.set(rotation.subarray(i * from, (i + 1) * from), i * size)
    }
    return square
  }
}
