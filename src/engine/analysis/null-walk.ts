import { TileSums } from '../../kernels/sums.ts'
import type { Step } from '../../stage/protocol.ts'
import { tileRows } from '../../stage/scope.ts'
import type { RunPlan } from '../planning/plan.ts'
import { columnStride } from '../planning/regions.ts'
import type { Shard } from '../shards/shard.ts'

/**
 * Fills the null's columns for one block. The null of a member is a Gaussian walk on the fixed sample of rows. Each row has its own
 * step variance, as estimated at the end of this block, and each step keeps its norm over the sample. The walk depends only on
 * seed, row and step, so it is the same for any sharding of the rows.
 */
export function* walkNull(
  shard: Shard,
  plan: RunPlan,
  member: number,
  block: { readonly slot: number; readonly length: number; readonly before: number },
  commit: boolean
): Step<void> {
  const { sample, elementBytes, settings } = plan
  const { kernels } = shard
  const rows = (shard.sampleTo - shard.sampleFrom) * tileRows
  const stride = columnStride(rows, 4)
  const columns = shard.address(`null/${member}/columns`)
  const energy = shard.address(`null/${member}/energy`)
  const width = 1 + 2 * block.length
  const sums = new TileSums(
    shard.arena,
    shard.address('scratch'),
    { tiles: sample.layout.tiles, from: shard.sampleFrom },
    width
  )
  for (let k = shard.sampleFrom; k < shard.sampleTo; k++) {
    const own = (k - shard.sampleFrom) * tileRows
    const tile = sample.tiles[k]!
    kernels.null_tile({
      x: shard.column(member, block.slot) + (tile - shard.from) * tileRows * elementBytes,
      stride: shard.stride,
      count: block.length,
      elementBytes,
      energy: energy + own * 8,
      commit,
      out: columns + own * 4,
      outStride: stride,
      seed: settings.seed,
      tile,
      step: block.before,
      slot: sums.stack + sums.depth * width * 8,
    })
    sums.push(k)
  }
  const { add } = yield { add: sums.partial(shard.sampleTo) }
  for (let j = 0; j < block.length; j++) {
    const walked = add[2 + 2 * j]!
    const scale = walked > 0 ? Math.sqrt(add[1 + 2 * j]! / walked) : 0
    kernels.scale_f32({ x: columns + j * stride, n: rows, scale })
  }
}
