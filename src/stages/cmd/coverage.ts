import type { Arena } from '../../stage/index.ts'
import { cmdKernels, type Likeness } from './kernels.gen.ts'
import { type KnownRows, lineOf, place } from './sample.ts'
import type { CmdOptions } from './spec.ts'
import { columnsOf } from './state.ts'

/** Number of groups. Samples are stored group by group, and each group can be covered alone. */
export const groups = 4

/** How often each reference is tested against the other candidates. */
const passes = 2

/** A reference is replaced by one that explains more by this share; a mode is added if it adds this much of a sample. */
const better = 1e-3
const least = 1e-6

/** Samples of a group, padded to a multiple of 16. */
const groupLength = (samples: number): number => 16 * Math.ceil(samples / groups / 16)

/** Most samples that may become references. */
const mostCandidates = (modes: number): number => Math.max(128, groups * modes)

/** Lays out the memory of a choice, starting at an address. */
export function layCover(address: number, options: CmdOptions) {
  const { modes, samples } = options
  const columns = columnsOf(options)
  const most = mostCandidates(modes) + modes
  const size = groupLength(samples)
  const length = groups * size
  let next = address
  const take = (bytes: number): number => {
    const taken = next
    next += 16 * Math.ceil(bytes / 16)
    return taken
  }
  return {
    size,
    length,
    most: mostCandidates(modes),
    /** A row of B for each sample, by columns, and a number for each sample: equal numbers mean equal rows. */
    samples: take(4 * columns * length),
    numbers: take(4 * length),
    candidates: take(4 * columns * most),
    q: take(4 * most * length),
    best: take(4 * length),
    totals: take(8 * most),
    members: take(4 * most),
    deviations: take(4 * columns),
    end: next,
  }
}

export type CoverScratch = ReturnType<typeof layCover>

/** Slot of a sample. */
export const slotOf = (i: number, { size }: CoverScratch): number =>
  (i % groups) * size + Math.floor(i / groups)

/** An evenly spaced selection of the different rows among the samples: the rows that may become references. */
export function candidatesOf({ count, kept, table }: KnownRows, most: number): number[] {
  const line = lineOf({ kept })
  const rowOf = (i: number): number => table[i * line + place.row]!
  const different: number[] = []
  for (let i = 0; i < count; i++) {
    if (i === 0 || rowOf(i) !== rowOf(i - 1)) different.push(i)
  }
  const { length } = different
  return Array.from(
    { length: Math.min(most, length) },
    (_, c, n = Math.min(most, length)) => different[Math.floor((c * length) / n)]!
  )
}

/**
 * Writes corr² of all samples with some of the samples, then with other rows, into Q.
 *
 * @param kept columns of the samples in scratch memory
 * @param taken samples that are candidates
 * @param more rows of `kept` values each
 */
export function compare(
  arena: Arena,
  scratch: CoverScratch,
  kept: number,
  taken: readonly number[],
  more: readonly Float64Array[] = []
): Likeness {
  const { samples, candidates, q, length } = scratch
  const columns = arena.f32(samples, kept * length)
  const count = taken.length + more.length
  const own = arena.f32(candidates, count * kept)
  taken.forEach((i, c) => {
    const slot = slotOf(i, scratch)
    for (let k = 0; k < kept; k++) own[c * kept + k] = columns[k * length + slot]!
  })
  more.forEach((row, m) => {
    own.set(row, (taken.length + m) * kept)
  })
  const likeness = { q, pitch: 4 * length, length }
  arena.kernels(cmdKernels).cmd_likeness({ samples, candidates, count, kept, likeness })
  return likeness
}

/** Tells how well candidates cover some samples. */
export function openCoverage(
  arena: Arena,
  { members, best, totals }: CoverScratch,
  likeness: Likeness
) {
  const kernels = arena.kernels(cmdKernels)
  const list = (candidates: readonly number[]): void => {
    arena.u32(members, candidates.length).set(candidates)
  }
  return {
    samples: likeness.length,

    /** For each sample, its largest corr² with any of the chosen candidates, leaving out the one at place `without`. */
    best(chosen: readonly number[], without = -1): Float32Array {
      list(chosen)
      kernels.cmd_best({ likeness, members, count: chosen.length, without, best })
      return arena.f32(best, likeness.length)
    },

    /** For each candidate: the sum over samples of the best of the chosen ones and this candidate. */
    totals(candidates: readonly number[], chosen: readonly number[], without = -1): Float64Array {
      this.best(chosen, without)
      list(candidates)
      kernels.cmd_totals({ likeness, members, count: candidates.length, best, totals })
      return arena.f64(totals, 1 + candidates.reduce((a, b) => Math.max(a, b), 0))
    },
  }
}

type Coverage = ReturnType<typeof openCoverage>

/** The candidate with the largest value, the first one if several are equal. */
const most = (values: Float64Array, of: readonly number[]): number =>
  of.reduce((best, c) => (values[c]! > values[best]! ? c : best))

/**
 * Chooses candidates greedily, after those at the start: each is the one that adds most to those before. What a candidate adds can only
 * shrink as others are chosen, so only a few are evaluated at a time: those that may still add most (Minoux 1978).
 */
function greedy(
  coverage: Coverage,
  candidates: readonly number[],
  start: readonly number[],
  modes: number
): number[] {
  const chosen = [...start]
  const gains = new Float64Array(1 + Math.max(0, ...candidates)).fill(Infinity)
  const order = [...candidates]
  while (chosen.length < modes) {
    let [best, gain] = [-1, least * coverage.samples]
    for (let asked = 0; asked < order.length; ) {
      const few = order.slice(asked, asked + (gains[order[0]!] === Infinity ? order.length : 8))
      if (gains[few[0]!]! <= gain) break
      const first = chosen[0] ?? few[0]!
      const totals = coverage.totals([first, ...few], chosen)
      const covered = chosen.length > 0 ? totals[first]! : 0
      for (const c of few) {
        gains[c] = totals[c]! - covered
        if (gains[c]! > gain) [best, gain] = [c, gains[c]!]
      }
      asked += few.length
    }
    if (best < 0) break
    chosen.push(best)
    order.sort((a, b) => Math.sign(gains[b]! - gains[a]!) || a - b)
  }
  return chosen
}

/**
 * Candidates that together cover a sample. A greedy cover extends those at the start (Nemhauser, Wolsey and Fisher 1978); then each in turn
 * is replaced by the candidate that is best in its place. A candidate that adds nothing worthwhile beside all of them is not tried, because
 * it adds no more in the place of one.
 */
export function search(
  coverage: Coverage,
  candidates: readonly number[],
  start: readonly number[],
  modes: number
): number[] {
  const chosen = greedy(coverage, candidates, start, modes)
  const promising = (): number[] => {
    const totals = coverage.totals(candidates, chosen)
    const enough = totals[chosen[0]!]! * (1 + better)
    return candidates.filter((c) => totals[c]! > enough)
  }
  let tried = promising()
  for (let turn = 0; turn < passes * chosen.length && tried.length > 0; turn++) {
    const m = turn % chosen.length
    const own = chosen[m]!
    const totals = coverage.totals([own, ...tried], chosen, m)
    const next = most(totals, tried)
    if (totals[next]! <= totals[own]! * (1 + better)) continue
    chosen[m] = next
    tried = promising()
  }
  return chosen
}

/**
 * The share of all E that each sample stands for, by slots; the sum is 1. Half of the samples are drawn by E and half evenly, so each
 * stands for E / (E + its mean).
 */
export function sharesOf(
  { count, kept, table }: KnownRows,
  meanEnergy: number,
  scratch: CoverScratch
): Float64Array {
  const shares = new Float64Array(scratch.length)
  let sum = 0
  for (let i = 0; i < count; i++) {
    const energy = table[i * lineOf({ kept }) + place.energy]!
    const share = energy / (energy + meanEnergy)
    shares[slotOf(i, scratch)] = share
    sum += share
  }
  return shares.map((share) => share / sum)
}

/** The share of all E that references explain, from the best corr² of each sample. Bounded, because the sum of the shares is rounded. */
export function explainedBy(best: Float32Array, shares: Float64Array): number {
  return Math.min(
    1,
    shares.reduce((sum, share, slot) => sum + share * best[slot]!, 0)
  )
}
