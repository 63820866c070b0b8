import type { Arena } from '../../stage/index.ts'
import { cmdKernels, type Likeness } from './kernels.gen.ts'
import { type KnownRows, lineOf, place } from './sample.ts'
import type { CmdOptions } from './spec.ts'
import { columnsOf } from './state.ts'

/** Groups of samples, each of which is also covered alone: what they differ by is how far a choice scatters. */
const groups = 4

/** How often every reference is put to the test. */
const passes = 2

/** A reference gives way to one that explains more by this share, and a mode is added where it adds that much of a sample. */
const better = 1e-3
const least = 1e-6

/** Samples of a group, filled up to a multiple of 16. */
const groupLength = (samples: number): number => 16 * Math.ceil(samples / groups / 16)

/** Where a sample stands: group by group. */
const slotOf = (i: number, size: number): number => (i % groups) * size + Math.floor(i / groups)

/** Most samples that may become references. */
const mostCandidates = (modes: number): number => Math.max(128, groups * modes)

/** Lays out what a choice uses, from an address on. */
export function layCover(address: number, options: CmdOptions) {
  const { modes, samples } = options
  const columns = columnsOf(options)
  const most = mostCandidates(modes) + modes
  const length = groups * groupLength(samples)
  let next = address
  const take = (bytes: number): number => {
    const taken = next
    next += 16 * Math.ceil(bytes / 16)
    return taken
  }
  return {
    samples: take(4 * columns * length),
    candidates: take(4 * columns * most),
    q: take(4 * most * length),
    best: take(4 * length),
    totals: take(8 * most),
    members: take(4 * most),
    end: next,
  }
}

type CoverScratch = ReturnType<typeof layCover>

export interface Cover {
  /** Numbers of the references' rows in the scope, by mode. */
  readonly rows: Float64Array
  /** Estimated standard deviation, over samples, of the share that the references explain. */
  readonly scatter: number
}

/**
 * Chooses rows whose correlations explain most of a sample: each sample counts as the largest corr² that it has with any
 * reference. What the groups of the sample choose for themselves tells how far that scatters.
 *
 * @param drawn the sample, in the scope's order
 * @param current the references so far, by mode
 * @param meanEnergy of all rows that have moved
 */
export function findCover(
  arena: Arena,
  scratch: CoverScratch,
  { modes, samples }: CmdOptions,
  drawn: KnownRows,
  current: KnownRows,
  meanEnergy: number
): Cover {
  const size = groupLength(samples)
  const taken = candidatesOf(drawn, mostCandidates(modes))
  const alive = [...Array(current.count).keys()].filter(
    (m) => current.table[m * lineOf(current) + place.energy]! > 0
  )
  const likeness = compare(arena, scratch, drawn, taken, current, alive, size)
  const sampled = [...taken.keys()]
  const explained = Array.from({ length: groups }, (_, g) => {
    const q = likeness.q + 4 * g * size
    const own = sampled.filter((c) => taken.length < groups * modes || c % groups === g)
    const chosen = search(
      openCoverage(arena, scratch, { ...likeness, q, length: size }),
      own,
      [],
      modes
    )
    const best = openCoverage(arena, scratch, likeness).best(chosen)
    return explainedBy(best, drawn, meanEnergy, size)
  })
  const start = alive.map((_, i) => taken.length + i)
  const coverage = openCoverage(arena, scratch, likeness)
  const chosen = search(coverage, [...sampled, ...start], start, modes)
  const rowOf = ({ table, kept }: KnownRows, i: number): number =>
    table[i * lineOf({ kept }) + place.row]!
  return {
    rows: Float64Array.from(chosen, (c) =>
      c < taken.length ? rowOf(drawn, taken[c]!) : rowOf(current, alive[c - taken.length]!)
    ),
    scatter: scatterOf(explained),
  }
}

/** What some candidates make of some samples. */
type Coverage = ReturnType<typeof openCoverage>

function openCoverage(arena: Arena, { members, best, totals }: CoverScratch, likeness: Likeness) {
  const kernels = arena.kernels(cmdKernels)
  const list = (candidates: readonly number[]): void => {
    arena.u32(members, candidates.length).set(candidates)
  }
  return {
    samples: likeness.length,

    /** For each sample the most that it correlates with any of some candidates, without the one at a place. */
    best(chosen: readonly number[], without = -1): Float32Array {
      list(chosen)
      kernels.cmd_best({ likeness, members, count: chosen.length, without, best })
      return arena.f32(best, likeness.length)
    },

    /** The sum over samples of the best of those that are chosen and one more, by the number of that one. */
    totals(candidates: readonly number[], chosen: readonly number[], without = -1): Float64Array {
      this.best(chosen, without)
      list(candidates)
      kernels.cmd_totals({ likeness, members, count: candidates.length, best, totals })
      return arena.f64(totals, 1 + candidates.reduce((a, b) => Math.max(a, b), 0))
    },
  }
}

/**
 * Candidates that together cover a sample: a greedy cover goes on from those at the start (Nemhauser, Wolsey and Fisher 1978), then
 * each in turn gives way to the candidate that is best in its place. What adds nothing worth while beside all of them is not
 * tried: it adds no more in the place of one.
 */
function search(
  coverage: Coverage,
  candidates: readonly number[],
  start: readonly number[],
  modes: number
): number[] {
  const chosen = [...start]
  const most = (totals: Float64Array, of: readonly number[]): number =>
    of.reduce((best, c) => (totals[c]! > totals[best]! ? c : best))
  while (chosen.length < modes) {
    const totals = coverage.totals(candidates, chosen)
    const next = most(totals, candidates)
    const covered = chosen.length > 0 ? totals[chosen[0]!]! : 0
    if (totals[next]! - covered <= least * coverage.samples) break
    chosen.push(next)
  }
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

/** Fills Q with what the taken samples and the references alive have in common with all samples, groups one after another. */
function compare(
  arena: Arena,
  { samples, candidates, q }: CoverScratch,
  drawn: KnownRows,
  taken: readonly number[],
  current: KnownRows,
  alive: readonly number[],
  size: number
): Likeness {
  const { count, kept, table } = drawn
  const length = groups * size
  const line = lineOf(drawn)
  const columns = arena.f32(samples, kept * length).fill(0)
  for (let i = 0; i < count; i++) {
    const slot = slotOf(i, size)
    for (let k = 0; k < kept; k++) columns[k * length + slot] = table[i * line + place.factor + k]!
  }
  const own = arena.f32(candidates, (taken.length + alive.length) * kept)
  const copy = (from: Float64Array, i: number, c: number): void => {
    const at = i * line + place.factor
    for (let k = 0; k < kept; k++) own[c * kept + k] = from[at + k]!
  }
  taken.forEach((i, c) => {
    copy(table, i, c)
  })
  alive.forEach((m, i) => {
    copy(current.table, m, taken.length + i)
  })
  const likeness = { q, pitch: 4 * length, length }
  const { cmd_likeness } = arena.kernels(cmdKernels)
  cmd_likeness({ samples, candidates, count: taken.length + alive.length, kept, likeness })
  return likeness
}

/** Samples that may become references: of the different rows some, evenly spaced. */
function candidatesOf(drawn: KnownRows, most: number): number[] {
  const { count, table } = drawn
  const line = lineOf(drawn)
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
 * The share of all E that references explain, from the best corr² of each sample with any. Half of the samples are drawn by E and
 * half evenly, so each stands for E / (E + its mean).
 */
function explainedBy(best: Float32Array, drawn: KnownRows, mean: number, size: number): number {
  const line = lineOf(drawn)
  let explained = 0
  let total = 0
  for (let i = 0; i < drawn.count; i++) {
    const energy = drawn.table[i * line + place.energy]!
    const weight = energy / (energy + mean)
    explained += weight * best[slotOf(i, size)]!
    total += weight
  }
  return explained / total
}

/** The standard error of a choice from all samples, from those of its groups (Mahalanobis 1946). */
function scatterOf(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(square / (values.length - 1) / values.length)
}
