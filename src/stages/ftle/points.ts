import type { Block } from '../../engine/block.ts'
import { log } from '../../kernels/math.ts'
import { cholesky, packed } from './cholesky.ts'
import type { Point } from './series.ts'

/** The kernel's sums: a status, ‖w‖², then for each column the packed Gram of p twins and their 1-norms. */
export const sumsWidth = (twins: number, columns: number): number =>
  head + columns * columnWidth(twins)

const head = 2
const columnWidth = (twins: number): number => (twins * (twins + 3)) / 2

/** What the sums of a block say of each of its columns. */
export function* pointsOf(
  block: Block,
  members: readonly number[],
  sums: Float64Array,
  scale: number
): Generator<Point> {
  const p = members.length
  const columns = members.map((member) => block.of(member).marks)
  for (let j = 0; j < block.length; j++) {
    const start = head + j * columnWidth(p)
    const gram = sums.subarray(start, start + packed(p, 0))
    const norms = Float64Array.from(columns, (marks, m) =>
      marks[j]!.present && marks[j]!.sure ? Math.sqrt(gram[packed(m, m)]!) : Number.NaN
    )
    const apart = members.flatMap((_, m) => (norms[m]! > 0 ? [m] : []))
    yield {
      step: block.steps[j]!,
      breaks: apart.some((m) => columns[m]![j]!.breaks),
      scale,
      norms,
      sums: sums.subarray(start + packed(p, 0), start + columnWidth(p)),
      logs: cholesky(gram, apart, p).map(log),
    }
  }
}
