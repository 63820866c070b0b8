/** Indices of words in the header: how many positions, the last step, the spacing, and where the positions begin. */
const [COUNT, STEP, SPACING, FIRST] = [0, 1, 2, 3] as const

/**
 * The last `depth` positions of a path at equally spaced steps, in a piece of a stage's header. A state can then be made of several
 * successive positions. By Takens' theorem these contain information that one position, seen through a few directions, does not.
 */
export class Delays {
  readonly #words: Float64Array
  readonly #depth: number
  readonly #width: number

  /** Number of f64 for a path of positions with `width` coordinates. */
  static length(depth: number, width: number): number {
    return FIRST + depth * width
  }

  constructor(words: Float64Array, depth: number, width: number) {
    this.#words = words
    this.#depth = depth
    this.#width = width
  }

  /** Whether there are `depth` successive positions. */
  get isFull(): boolean {
    return this.#words[COUNT]! === this.#depth
  }

  /** Steps from one position to the next; 0 for a single position. */
  get spacing(): number {
    return this.#words[SPACING]!
  }

  get step(): number {
    return this.#words[STEP]!
  }

  /** All positions that are kept, oldest first. */
  get positions(): Float64Array {
    return this.#words.subarray(FIRST, FIRST + this.#words[COUNT]! * this.#width)
  }

  /** Adds a position. If its spacing from the last position differs from the spacing so far, only these two are kept. */
  push(step: number, position: Float64Array): void {
    const words = this.#words
    const spacing = words[COUNT]! > 0 ? step - words[STEP]! : 0
    if (words[COUNT]! > 1 && spacing !== words[SPACING]!) this.#keep(1)
    else if (this.isFull) this.#keep(this.#depth - 1)
    words.set(position, FIRST + words[COUNT]! * this.#width)
    words[COUNT]!++
    words[STEP] = step
    words[SPACING] = spacing
  }

  /** Changes the basis of all positions: z <- R z, R of `to` x `from` by rows. The coordinates beyond are zero. */
  turn(rotation: Float64Array, from: number, to: number): void {
    const width = this.#width
    const turned = new Float64Array(width)
    const { positions } = this
    for (let at = 0; at < positions.length; at += width) {
      turned.fill(0)
      for (let i = 0; i < to; i++) {
        for (let j = 0; j < from; j++) turned[i]! += rotation[i * from + j]! * positions[at + j]!
      }
      positions.set(turned, at)
    }
  }

  clear(): void {
    this.#words[COUNT] = 0
  }

  /** Drops all but the last positions. */
  #keep(count: number): void {
    const words = this.#words
    const surplus = words[COUNT]! - count
    if (surplus <= 0) return
    const start = FIRST + surplus * this.#width
    words.copyWithin(FIRST, start, start + count * this.#width)
    words[COUNT] = count
  }
}
