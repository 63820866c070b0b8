import { type Block, isOwner, type Scope, type StageContext, tileRows } from '../../stage/index.ts'
import { edgeKernels } from './kernels.gen.ts'

/**
 * Sums and numbers of the cosines between a block's updates one and two steps apart: [cosines, pairs, cosines, pairs]. Pairs that span a
 * missing or zero step, or that reach into the block before, do not count.
 */
export function updateCosines(
  { arena, scope }: Pick<StageContext<unknown>, 'arena'> & { readonly scope: Scope },
  block: Block,
  member: number,
  lags: number
): number[] {
  const sums = [0, 0, 0, 0]
  const [segment] = scope.segments
  if (!isOwner(scope) || !segment) return sums
  const { pointer, stride, elementBytes, marks } = block.of(member)
  const { length } = block
  arena.kernels(edgeKernels).edge_lags({
    x: pointer + segment.tile * tileRows * elementBytes,
    stride,
    count: length,
    elementBytes,
    n: segment.tiles * tileRows,
    out: lags,
  })
  const products = arena.f64(lags, 3 * length)
  for (let j = 0; j < length; j++) {
    for (const lag of [1, 2]) {
      const isWhole = marks.slice(j - lag, j + 1).every(({ present }) => present)
      const norms = j < lag ? 0 : Math.sqrt(products[3 * j]!) * Math.sqrt(products[3 * (j - lag)]!)
      if (!(norms > 0) || !isWhole) continue
      sums[2 * lag - 2]! += products[3 * j + lag]! / norms
      sums[2 * lag - 1]!++
    }
  }
  return sums
}
