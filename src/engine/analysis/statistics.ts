import { countsTree } from '../../kernels/tree.ts'
import {
  energyBins,
  lags,
  lowestBin,
  productsOf,
  type StepStatistics,
  type TensorStatistics,
} from '../../stage/null/statistics.ts'
import type { Step } from '../../stage/protocol.ts'
import { tileRows } from '../../stage/scope.ts'
import type { RunPlan } from '../planning/plan.ts'
import type { Shard } from '../shards/shard.ts'

/** Steps over which the usual norm is a running mean. */
const usualSteps = 16

interface Place {
  readonly slot: number
  readonly length: number
  readonly before: number
  readonly index: number
}

/**
 * Measures a block of a member for its nulls, on the fixed sample of rows. The shards exchange the sums of each tile separately. So
 * the sums are the same bits for any number of shards, and they can be added up per tensor.
 */
export function* measureSteps(
  shard: Shard,
  plan: RunPlan,
  member: number,
  place: Place,
  commit: boolean
): Step<StepStatistics> {
  const { sample, settings, layout } = plan
  const { length, index } = place
  const width = productsOf(length)
  const range = { from: shard.sampleFrom, to: shard.sampleTo }
  const { add } = yield { add: countsTree(range, tileProducts(shard, plan, member, place)) }
  const weights = usualWeights(shard, member, add.subarray(1), sample, length, commit)
  const counted = yield {
    add: countsTree(range, tileEnergies(shard, plan, member, place, weights, commit)),
  }
  if (commit) keepLast(shard, plan, member, place)
  const tensors = sample.layout.tensors.map((tensor, i): [number, TensorStatistics] => {
    // The sampled rows stand for all rows of their tensor.
    const rows = layout.tensors.find((whole) => whole.index === tensor.index)!.rows / tensor.rows
    const sums = new Float64Array(width)
    for (let t = tensor.tile; t < tensor.tile + tensor.tiles; t++) {
      for (let s = 0; s < width; s++) sums[s]! += rows * add[1 + t * width + s]!
    }
    const from = 1 + i * energyBins
    const energies = counted.add.slice(from, from + energyBins).map((count) => rows * count)
    return [
      tensor.index,
      { before: sums.subarray(0, lags), products: sums.subarray(lags), energies },
    ]
  })
  return { seed: settings.seed, index, length, tensors: new Map(tensors) }
}

/** Iterates over a shard's tiles of the sample, with the address of each tile in a column. */
function* sampledTiles(
  shard: Shard,
  { sample, elementBytes }: RunPlan,
  member: number,
  slot: number
): Generator<{ k: number; own: number; x: number }> {
  for (let k = shard.sampleFrom; k < shard.sampleTo; k++) {
    const row = (sample.tiles[k]! - shard.from) * tileRows
    const x = shard.column(member, slot) + row * elementBytes
    yield { k, own: k - shard.sampleFrom, x }
  }
}

/** A status, then the sums of each tile of the sample. Tiles of other shards are zero. */
function tileProducts(shard: Shard, plan: RunPlan, member: number, place: Place): Float64Array {
  const { kernels, arena, stride } = shard
  const { elementBytes } = plan
  const width = productsOf(place.length)
  const sums = new Float64Array(1 + plan.sample.tiles.length * width)
  const before = shard.address(`statistics/${member}/before`)
  const out = shard.address('scratch')
  const ofTile = arena.f64(out, width)
  for (const { k, own, x } of sampledTiles(shard, plan, member, place.slot)) {
    kernels.step_products({
      x,
      stride,
      count: place.length,
      elementBytes,
      before: before + own * lags * tileRows * 4,
      out,
    })
    sums.set(ofTile, 1 + k * width)
  }
  return sums
}

/**
 * The weight of each step's squares in the energies of rows: the number of rows, divided by a running mean of squared norms. A
 * step's own norm would not work, because a single heavy row can dominate it.
 */
function usualWeights(
  shard: Shard,
  member: number,
  sums: Float64Array,
  { tiles, layout }: RunPlan['sample'],
  length: number,
  commit: boolean
): Float64Array {
  const width = productsOf(length)
  const state = shard.arena.f64(shard.address(`statistics/${member}/norm`), 2)
  let [usual, steps] = state as unknown as [number, number]
  const weights = new Float64Array(length)
  for (let j = 0; j < length; j++) {
    let square = 0
    for (let t = 0; t < tiles.length; t++) square += sums[t * width + lags + j * (lags + 1)]!
    if (square > 0) {
      steps++
      usual += (square - usual) / Math.min(usualSteps, steps)
    }
    weights[j] = usual > 0 ? layout.rows / usual : 0
  }
  if (commit) state.set([usual, steps])
  return weights
}

/** A status, then a histogram of the rows' energies for each tensor of the sample. */
function tileEnergies(
  shard: Shard,
  plan: RunPlan,
  member: number,
  { slot, length, before }: Place,
  weights: Float64Array,
  commit: boolean
): Float64Array {
  const { kernels, arena, stride } = shard
  const { tensors } = plan.sample.layout
  const counts = new Float64Array(1 + tensors.length * energyBins)
  const scratch = shard.address('scratch')
  const histogram = scratch + 8 * length
  const energy = shard.address(`statistics/${member}/energy`)
  const bins = arena.f64(histogram, energyBins).fill(0)
  arena.f64(scratch, length).set(weights)
  const scale = 1 / (before + length)
  let tensor = 0
  const next = (): void => {
    counts.set(bins, 1 + tensor * energyBins)
    bins.fill(0)
    tensor++
  }
  for (const { k, own, x } of sampledTiles(shard, plan, member, slot)) {
    while (k >= tensors[tensor]!.tile + tensors[tensor]!.tiles) next()
    kernels.row_energies({
      x,
      stride,
      count: length,
      elementBytes: plan.elementBytes,
      weights: scratch,
      energy: energy + own * tileRows * 8,
      commit,
      scale,
      histogram,
      lowest: lowestBin,
      bins: energyBins,
    })
  }
  if (tensor < tensors.length) next()
  return counts
}

/** Keeps the last four columns of the sample, newest first, for the next block. */
function keepLast(shard: Shard, plan: RunPlan, member: number, { slot, length }: Place): void {
  const { arena, kernels, stride } = shard
  const before = shard.address(`statistics/${member}/before`)
  const bytes = tileRows * 4
  for (const { own, x } of sampledTiles(shard, plan, member, slot)) {
    const kept = before + own * lags * bytes
    if (length < lags) arena.copy(kept, kept + length * bytes, (lags - length) * bytes)
    for (let k = 0; k < Math.min(lags, length); k++) {
      const column = x + (length - 1 - k) * stride
      const target = kept + k * bytes
      if (plan.elementBytes === 4) arena.copy(column, target, bytes)
      else kernels.f64_to_f32({ source: column, target, n: tileRows })
    }
  }
}
