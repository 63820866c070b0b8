import { type Block, log, type Mark, type TangentColumns } from '../../stage/index.ts'
import { cholesky, packed } from './cholesky.ts'
import { columnSums } from './grams.ts'
import type { Point, Series, Span } from './series.ts'

/** The points of the twins at each column of a block, from its sums, with weights of norm `scale`. */
export function* twinPoints(
  block: Block,
  members: readonly number[],
  sums: Float64Array,
  scale: number
): Generator<Point> {
  const p = members.length
  const columns = members.map((member) => block.of(member).marks)
  const own = block.of(0).marks
  for (const [j, step] of block.steps.entries()) {
    const { gram, norms: sizes } = columnSums(sums, j, p + 1)
    const norms = Float64Array.from(columns, (marks, m) =>
      marks[j]!.present && marks[j]!.sure ? Math.sqrt(gram[packed(m, m)]!) : Number.NaN
    )
    const apart = members.flatMap((_, m) => (norms[m]! > 0 ? [m] : []))
    const breaks = apart.some((m) => columns[m]![j]!.breaks)
    const logs = cholesky(gram, apart, p).map(log)
    const sum = sizes.subarray(0, p)
    yield { step, breaks, scale, ...motion(gram, norms, own[j]!), norms, sums: sum, logs }
  }
}

/** The same for tangent vectors. Steps without any are skipped, so a trainer may send them as rarely as it likes. */
export function* tangentPoints(
  block: Block,
  member: number,
  tangents: readonly TangentColumns[],
  sums: Float64Array,
  scale: number
): Generator<Point> {
  const k = tangents.length
  const { marks } = block.of(member)
  let breaks = false
  for (const [j, step] of block.steps.entries()) {
    breaks ||= marks[j]!.breaks
    const came = tangents.flatMap(({ logs }, m) => (Number.isNaN(logs[j]!) ? [] : [m]))
    if (came.length === 0) continue
    const { gram } = columnSums(sums, j, k + 1)
    const logs = cholesky(gram, came, k).map(log)
    const norms = new Float64Array(k).fill(Number.NaN)
    came.forEach((m, i) => {
      logs[i]! += tangents[m]!.logs[j]!
      norms[m] = Math.sqrt(gram[packed(m, m)]!)
    })
    yield { step, breaks, scale, ...motion(gram, norms, marks[j]!), norms, sums: norms, logs }
    breaks = false
  }
}

/** Member 0's step, the last of a Gram's vectors: its length, and its extent along each of the other vectors. */
function motion(
  gram: Float64Array,
  norms: Float64Array,
  { present }: Mark
): Pick<Point, 'moved' | 'along'> {
  const own = norms.length
  const of = (value: number): number => (present ? value : Number.NaN)
  return {
    moved: of(Math.sqrt(gram[packed(own, own)]!)),
    along: norms.map((norm, m) => of(Math.abs(gram[packed(own, m)]!) / norm)),
  }
}

/**
 * Adds a block's points to a series. If the series is full, points that have left the window are dropped; if there are none, the series
 * loses resolution, except in the span that is needed.
 */
export function record(
  series: Series,
  { steps }: Block,
  points: Iterable<Point>,
  window: number | undefined,
  needed?: (series: Series) => Span | undefined
): void {
  const [first, second] = steps
  const spacing = second === undefined ? 1 : second - first!
  for (const point of points) {
    if (series.isFull) {
      const recent = window === undefined ? 0 : series.recent(window)
      if (recent > 0) series.dropBefore(recent)
      else series.halve(needed?.(series))
    }
    series.offer(point, spacing)
  }
}
