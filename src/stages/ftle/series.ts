import type { Arena } from '../../kernels/arena.ts'

/** Most points that a series holds. */
export const capacity = 4096

/** Points of a series, both ends included. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** What one recorded step says of p twins. */
export interface Point {
  readonly step: number
  /** True where nothing connects this point with the one before it. */
  readonly breaks: boolean
  /** ‖w‖ of member 0. */
  readonly scale: number
  /** ‖d_m‖₂ of each twin: NaN where it is not known, 0 where the twin equals member 0. */
  readonly norms: Float64Array
  /** ‖d_m‖₁ of each twin. */
  readonly sums: Float64Array
  /** ln R_jj, D = QR over the vectors that are apart, in their order; NaN past the last or where it is unresolved. */
  readonly logs: Float64Array
}

const controls = 6
const [COUNT, STRIDE, OFFERED, SEGMENT, ORIGIN, LAST] = [0, 1, 2, 3, 4, 5] as const
const [STEP, ELAPSED, PIECE, SCALE, FIRST] = [0, 1, 2, 3, 4] as const

/**
 * Points over the whole run at bounded resolution, in a stage's header region: six control values, for each twin whether
 * it was apart at the last point, then rows of [step, elapsed, segment, scale, norms (p), logs (p), sums (p, on
 * request)], all f64. A segment ends at a break and where a twin comes or goes; `elapsed` counts steps since it began.
 * When the rows are full, every second one goes, except in the span that the caller wants kept, and from then on
 * every second point is passed over.
 */
export class Series {
  readonly #control: Float64Array
  readonly #apart: Float64Array
  readonly #rows: Float64Array
  /** Twins or tangent vectors. */
  readonly vectors: number
  readonly #width: number

  static bytes(twins: number, withSums: boolean): number {
    return 8 * (controls + twins + capacity * rowWidth(twins, withSums))
  }

  constructor(arena: Arena, address: number, twins: number, withSums: boolean) {
    this.vectors = twins
    this.#width = rowWidth(twins, withSums)
    this.#control = arena.f64(address, controls)
    this.#apart = arena.f64(address + 8 * controls, twins)
    this.#rows = arena.f64(address + 8 * (controls + twins), capacity * this.#width)
  }

  get count(): number {
    return this.#control[COUNT]!
  }

  step(i: number): number {
    return this.#rows[i * this.#width + STEP]!
  }

  elapsed(i: number): number {
    return this.#rows[i * this.#width + ELAPSED]!
  }

  segment(i: number): number {
    return this.#rows[i * this.#width + PIECE]!
  }

  scale(i: number): number {
    return this.#rows[i * this.#width + SCALE]!
  }

  norms(i: number): Float64Array {
    return this.#slice(i, 0)
  }

  logs(i: number): Float64Array {
    return this.#slice(i, 1)
  }

  sums(i: number): Float64Array {
    return this.#slice(i, 2)
  }

  #slice(i: number, part: number): Float64Array {
    const start = i * this.#width + FIRST + part * this.vectors
    return this.#rows.subarray(start, start + this.vectors)
  }

  /** ‖w‖ at the last point; 0 before the first. */
  get lastScale(): number {
    return this.count > 0 ? this.scale(this.count - 1) : 0
  }

  /** Whether any point knows this twin's separation. */
  knows(twin: number): boolean {
    for (let i = 0; i < this.count; i++) if (this.norms(i)[twin]! >= 0) return true
    return false
  }

  /** The first point of the last segment that is no more than `window` steps before the last one. */
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
    const control = this.#control
    const apart = this.#apart
    const isFirst = control[OFFERED] === 0
    const changes = point.norms.some((norm, m) => Number(norm > 0) !== apart[m])
    if (isFirst || point.breaks || changes) {
      const before = point.step - spacing
      control[SEGMENT]!++
      control[ORIGIN] = isFirst ? before : Math.min(before, control[LAST]!)
      for (let m = 0; m < this.vectors; m++) apart[m] = Number(point.norms[m]! > 0)
    }
    if (isFirst) control[STRIDE] = 1
    if (control[OFFERED]! % control[STRIDE]! === 0) this.#append(point)
    control[OFFERED]!++
    control[LAST] = point.step
  }

  get isFull(): boolean {
    return this.count === capacity
  }

  #append(point: Point): void {
    const control = this.#control
    const i = control[COUNT]!++
    const start = i * this.#width
    this.#rows[start + STEP] = point.step
    this.#rows[start + ELAPSED] = point.step - control[ORIGIN]!
    this.#rows[start + PIECE] = control[SEGMENT]!
    this.#rows[start + SCALE] = point.scale
    this.norms(i).set(point.norms)
    this.logs(i).set(point.logs)
    if (this.#width === rowWidth(this.vectors, true)) this.sums(i).set(point.sums)
  }

  /** Makes room by halving the resolution, but not in `kept` unless that is more than half of all points. */
  halve(kept: Span | undefined): void {
    const spared = kept && kept.to - kept.from < capacity / 2 ? kept : { from: 0, to: -1 }
    this.#retain((i) => i % 2 === 0 || (i >= spared.from && i <= spared.to))
    this.#control[STRIDE]! *= 2
  }

  /** Drops all points before `from`. */
  dropBefore(from: number): void {
    this.#retain((i) => i >= from)
  }

  #retain(keeps: (i: number) => boolean): void {
    let count = 0
    for (let i = 0; i < this.count; i++) {
      if (!keeps(i)) continue
      this.#rows.copyWithin(count * this.#width, i * this.#width, (i + 1) * this.#width)
      count++
    }
    this.#control[COUNT] = count
  }
}

/** Without twins there are no rows. */
function rowWidth(twins: number, withSums: boolean): number {
  return twins > 0 ? FIRST + twins * (withSums ? 3 : 2) : 0
}
