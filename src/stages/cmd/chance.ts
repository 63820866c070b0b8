import { jacobi } from '../../linalg/jacobi.ts'
import { type Arena, mix, scatterOf } from '../../stage/index.ts'
import {
  type CoverScratch,
  candidatesOf,
  compare,
  explainedBy,
  openCoverage,
  search,
  slotOf,
} from './coverage.ts'
import { cmdKernels } from './kernels.gen.ts'
import { axesOf } from './law.ts'
import { type KnownRows, lineOf, place } from './sample.ts'
import type { CmdOptions } from './spec.ts'
import { type CmdHeader, drawsKept } from './state.ts'

/** Once positions have grown by this share, all draws are made anew. */
const growth = 1 / 4

/**
 * The null: weights that mix the same movements at random. Each sample keeps its E and the number of times that it was drawn, but gets a
 * new row: drawn from a normal distribution with the second moments of the samples' rows, and scaled to its length. So the null shares with
 * the run whatever the weights have in common in time (drift, an optimizer's memory, few directions), but it has no groups. The share of
 * the null that as many modes explain goes into the header. The header keeps the draws of the last few choices, so that each choice costs
 * little.
 */
export function drawChance(
  arena: Arena,
  scratch: CoverScratch,
  { modes, seed }: CmdOptions,
  header: CmdHeader,
  drawn: KnownRows,
  shares: Float64Array
): void {
  const { variances, rest } = axesOf(momentsOf(drawn, shares, scratch))
  const kept = variances.length
  arena.f32(scratch.deviations, kept).set(variances.map(Math.sqrt))
  number(arena, scratch, drawn)
  const taken = candidatesOf(drawn, scratch.most)
  const sampled = [...taken.keys()]
  for (let left = freshDraws(header); left > 0; left--) {
    const { samples, numbers, deviations, length } = scratch
    arena.kernels(cmdKernels).cmd_draw({
      ...{ numbers, deviations, kept, rest, length, samples },
      seed: mix(seed ^ mix(header.draws + 1)),
    })
    const coverage = openCoverage(arena, scratch, compare(arena, scratch, kept, taken))
    const chosen = search(coverage, sampled, [], modes)
    header.chance[header.draws % drawsKept] = explainedBy(coverage.best(chosen), shares)
    header.draws++
  }
}

/** How many draws a choice makes: in proportion to how many positions came since the last choice. */
function freshDraws({ positions, chosen }: CmdHeader): number {
  return Math.min(drawsKept, Math.ceil((drawsKept * (positions - chosen)) / (growth * positions)))
}

/** Mean of the draws, and the standard deviation of one more such value about this mean. */
export function chanceOf({ chance }: CmdHeader): { explained: number; scatter: number } {
  const { mean, squares } = scatterOf(chance)
  const scatter = Math.sqrt((squares / (drawsKept - 1)) * (1 + 1 / drawsKept))
  return { explained: mean, scatter }
}

/** Numbers the different rows among samples, from 1 on, by slots; a slot without a row gets 0. */
function number(arena: Arena, scratch: CoverScratch, { count, kept, table }: KnownRows): void {
  const numbers = arena.u32(scratch.numbers, scratch.length).fill(0)
  let own = 0
  let before = -1
  for (let i = 0; i < count; i++) {
    const row = table[i * lineOf({ kept }) + place.row]!
    if (row !== before) own++
    before = row
    numbers[slotOf(i, scratch)] = own
  }
}

/**
 * Eigenvalues of the second moments of the samples' rows, where each row counts by its share of all E. Their sum is the share that the
 * columns hold.
 */
function momentsOf(
  { count, kept, table }: KnownRows,
  shares: Float64Array,
  scratch: CoverScratch
): number[] {
  const moments = new Float64Array(kept * kept)
  for (let i = 0; i < count; i++) {
    const b = table.subarray(i * lineOf({ kept }) + place.factor, (i + 1) * lineOf({ kept }))
    const share = shares[slotOf(i, scratch)]!
    for (let p = 0; p < kept; p++) {
      const weight = share * b[p]!
      for (let q = 0; q < kept; q++) moments[p * kept + q]! += weight * b[q]!
    }
  }
  return [...jacobi(moments, kept).values]
}
