import { type Arena, type Header, headerBytes, openHeader } from '../../stage/index.ts'
import { type Bounds, boundsOf } from './bounds.ts'

/** Most points that a series can hold. */
export const capacity = 4096

/** Points of a series, both ends included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** The last of the items with the largest measure. */
export function mostOf<Item>(items: readonly Item[], measure: (item: Item) => number) {
  return items.reduce<Item | undefined>(
    (best, next) => (best && measure(best) > measure(next) ? best : next),
    undefined
  )
}

/** What one recorded step tells about p twins. */
export interface Point {
  readonly step: number
  /** True if this point does not connect to the one before it. */
  readonly breaks: boolean
  /** ‖w‖ of member 0; 0 if it is not known. */
  readonly scale: number
  /** Length of member 0's step to this point; NaN if it is not known. */
  readonly moved: number
  /** |<d_m, step>| / ‖d_m‖: how far member 0 moved along each vector. */
  readonly along: Float64Array
  /** ‖d_m‖₂ of each twin: NaN if it is not known, 0 if the twin equals member 0. */
  readonly norms: Float64Array
  /** ‖d_m‖₁ of each twin. */
  readonly sums: Float64Array
  /** ln R_jj, where D = QR over the vectors that are there and not zero, in their order; NaN past the last one, or if it is unresolved. */
  readonly logs: Float64Array
}

/** What a series is made of. */
export interface SeriesOptions {
  /** Number of twins or tangent vectors; without any there are no rows. */
  readonly vectors: number
  /** Whether 1-norms are kept. */
  readonly withSums?: boolean
  /** Unit roundoff of the weights; undefined for tangents, which have neither floor nor saturation. */
  readonly unit?: number
}

const shapeOf = (options: SeriesOptions) => ({
  /**
   * `origin` is the step before the last segment, `last` the last step offered, `clock` the number of steps that have passed, `travelled`
   * the sum of their squared lengths.
   */
  words: ['count', 'stride', 'offered', 'segment', 'origin', 'last', 'clock', 'travelled'] as const,
  lists: {
    /** Whether each vector existed, and was not zero, at the last point offered. */
    apart: options.vectors,
    rows: capacity * widthOf(options),
  },
})

const [STEP, ELAPSED, PIECE, SCALE, MOVED, TRAVELLED, FIRST] = [0, 1, 2, 3, 4, 5, 6] as const

const widthOf = ({ vectors, withSums = false }: SeriesOptions): number =>
  vectors > 0 ? FIRST + vectors * (withSums ? 4 : 3) : 0

/**
 * Points over the whole run at bounded resolution, in a stage's header region: rows of [step, elapsed, segment, scale, moved, travelled,
 * norms (p), logs (p), along (p), sums (p, on request)], all f64. A segment ends at a break, and when a twin comes or goes; `elapsed`
 * counts steps since it began. When the rows are full, every second one is dropped, except in the span that the caller wants kept, and from
 * then on every second point is skipped.
 */
export class Series {
  readonly vectors: number
  readonly #options: SeriesOptions
  readonly #header: Header<ReturnType<typeof shapeOf>>
  readonly #width: number

  static bytes(options: SeriesOptions): number {
    return headerBytes(shapeOf(options))
  }

  constructor(arena: Arena, address: number, options: SeriesOptions) {
    this.vectors = options.vectors
    this.#options = options
    this.#header = openHeader(arena, address, shapeOf(options))
    this.#width = widthOf(options)
  }

  get count(): number {
    return this.#header.count
  }

  /** Number of points so far, including those skipped. */
  get offered(): number {
    return this.#header.offered
  }

  /** Number of steps so far, including those taken again. */
  get clock(): number {
    return this.#header.clock
  }

  step(i: number): number {
    return this.#at(i, STEP)
  }

  elapsed(i: number): number {
    return this.#at(i, ELAPSED)
  }

  segment(i: number): number {
    return this.#at(i, PIECE)
  }

  /** ‖w‖ of member 0. */
  scale(i: number): number {
    return this.#at(i, SCALE)
  }

  /** Length of member 0's step to this point. */
  moved(i: number): number {
    return this.#at(i, MOVED)
  }

  bounds(i: number): Bounds {
    const { unit } = this.#options
    if (unit === undefined) return boundsOf(0, 0)
    return boundsOf(this.scale(i), unit, this.#at(i, TRAVELLED))
  }

  norms(i: number): Float64Array {
    return this.#slice(i, 0)
  }

  logs(i: number): Float64Array {
    return this.#slice(i, 1)
  }

  /** ‖d_m‖₂ of one twin, ln R_mm, and how far member 0 moved along the separation. */
  norm(i: number, m: number): number {
    return this.#at(i, FIRST + m)
  }

  extent(i: number, m: number): number {
    return this.#at(i, FIRST + this.vectors + m)
  }

  along(i: number, m: number): number {
    return this.#at(i, FIRST + 2 * this.vectors + m)
  }

  sums(i: number): Float64Array {
    return this.#slice(i, 3)
  }

  #at(i: number, column: number): number {
    return this.#header.rows[i * this.#width + column]!
  }

  #slice(i: number, part: number): Float64Array {
    const start = i * this.#width + FIRST + part * this.vectors
    return this.#header.rows.subarray(start, start + this.vectors)
  }

  /** ‖w‖ at the last point; 0 before the first. */
  get lastScale(): number {
    return this.count > 0 ? this.scale(this.count - 1) : 0
  }

  /** Whether the norm of some vector passes a test at some point. */
  hasNorm(test: (norm: number, vector: number) => boolean): boolean {
    for (let i = 0; i < this.count; i++) if (this.norms(i).some(test)) return true
    return false
  }

  /** The first point of the last segment that is at most `window` steps before the last point. */
  recent(window: number): number {
    let i = this.count - 1
    while (
      i > 0 &&
      this.segment(i - 1) === this.segment(i) &&
      this.step(this.count - 1) - this.step(i - 1) <= window
    )
      i--
    return i
  }

  /** Offers the next point; `spacing` is the usual number of steps between points. */
  offer(point: Point, spacing: number): void {
    const header = this.#header
    const isFirst = header.offered === 0
    const apart = point.norms.map((norm) => Number(norm > 0))
    if (isFirst || point.breaks || apart.some((value, m) => value !== header.apart[m])) {
      const before = point.step - spacing
      header.segment++
      header.origin = isFirst ? before : Math.min(before, header.last)
      header.apart.set(apart)
    }
    if (isFirst) header.stride = 1
    header.clock += !isFirst && point.step > header.last ? point.step - header.last : spacing
    if (point.moved > 0) header.travelled += point.moved * point.moved
    if (header.offered % header.stride === 0) this.#append(point)
    header.offered++
    header.last = point.step
  }

  get isFull(): boolean {
    return this.count === capacity
  }

  #append({ step, scale, moved, along, norms, logs, sums }: Point): void {
    const { rows, origin, segment, travelled } = this.#header
    const i = this.#header.count++
    rows.set([step, step - origin, segment, scale, moved, Math.sqrt(travelled)], i * this.#width)
    this.norms(i).set(norms)
    this.logs(i).set(logs)
    this.#slice(i, 2).set(along)
    if (this.#options.withSums) this.sums(i).set(sums)
  }

  /** Makes room by halving the resolution, except in `kept`, unless that is more than half of all points. */
  halve(kept: Span | undefined): void {
    const spared = kept && kept.to - kept.from < capacity / 2 ? kept : { from: 0, to: -1 }
    this.#retain((i) => i % 2 === 0 || (i >= spared.from && i <= spared.to))
    this.#header.stride *= 2
  }

  /** Drops all points before `from`. */
  dropBefore(from: number): void {
    this.#retain((i) => i >= from)
  }

  #retain(keeps: (i: number) => boolean): void {
    const width = this.#width
    let count = 0
    for (let i = 0; i < this.count; i++) {
      if (keeps(i)) this.#header.rows.copyWithin(count++ * width, i * width, (i + 1) * width)
    }
    this.#header.count = count
  }
}
