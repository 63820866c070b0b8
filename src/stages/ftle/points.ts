import type { Block } from '../../engine/block.ts'
import { log } from '../../kernels/math.ts'
import { cholesky, packed } from './cholesky.ts'
import { columnSums } from './grams.ts'
import type { Point } from './series.ts'

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
    const { gram, norms: sizes } = columnSums(sums, j, p)
    const norms = Float64Array.from(columns, (marks, m) =>
      marks[j]!.present && marks[j]!.sure ? Math.sqrt(gram[packed(m, m)]!) : Number.NaN
    )
    const apart = members.flatMap((_, m) => (norms[m]! > 0 ? [m] : []))
    yield {
      step: block.steps[j]!,
      breaks: apart.some((m) => columns[m]![j]!.breaks),
      scale,
      norms,
      sums: sizes,
      logs: cholesky(gram, apart, p).map(log),
    }
  }
}
