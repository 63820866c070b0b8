import { type Arena, scatterOf } from '../../stage/index.ts'
import {
  type CoverScratch,
  candidatesOf,
  compare,
  explainedBy,
  groups,
  openCoverage,
  search,
  slotOf,
} from './coverage.ts'
import { type KnownRows, lineOf, place } from './sample.ts'
import type { CmdOptions } from './spec.ts'

export interface Cover {
  /** The references' row numbers in the scope, by mode. */
  readonly rows: Float64Array
  /** Estimated standard deviation, over samples, of the share that the references explain. */
  readonly scatter: number
}

/**
 * Chooses rows whose correlations explain most of a sample: each sample counts by the largest corr² that it has with any reference. The
 * scatter of this choice is estimated from the choices that each group of the sample makes on its own.
 *
 * @param drawn the sample, in the scope's order
 * @param shares of all E, by the samples' slots
 * @param current the references so far, by mode
 */
export function findCover(
  arena: Arena,
  scratch: CoverScratch,
  { modes }: CmdOptions,
  drawn: KnownRows,
  shares: Float64Array,
  current: KnownRows
): Cover {
  const { size, most } = scratch
  const line = lineOf(drawn)
  const alive = [...Array(current.count).keys()].filter(
    (m) => current.table[m * line + place.energy]! > 0
  )
  const rowOf = ({ table }: KnownRows, i: number): Float64Array =>
    table.subarray(i * line, (i + 1) * line)
  fill(arena, scratch, drawn)
  const taken = candidatesOf(drawn, most)
  const before = alive.map((m) => rowOf(current, m).subarray(place.factor))
  const likeness = compare(arena, scratch, drawn.kept, taken, before)
  const coverage = openCoverage(arena, scratch, likeness)
  const sampled = [...taken.keys()]
  const explained = Array.from({ length: groups }, (_, g) => {
    const own = sampled.filter((c) => taken.length < groups * modes || c % groups === g)
    const group = { ...likeness, q: likeness.q + 4 * g * size, length: size }
    const chosen = search(openCoverage(arena, scratch, group), own, [], modes)
    return explainedBy(coverage.best(chosen), shares)
  })
  const start = alive.map((_, i) => taken.length + i)
  const chosen = search(coverage, [...sampled, ...start], start, modes)
  const numbers = [
    ...taken.map((i) => rowOf(drawn, i)[place.row]!),
    ...alive.map((m) => rowOf(current, m)[place.row]!),
  ]
  return { rows: Float64Array.from(chosen, (c) => numbers[c]!), scatter: errorOf(explained) }
}

/** Lays out samples by columns, group by group. */
function fill(arena: Arena, scratch: CoverScratch, drawn: KnownRows): void {
  const { count, kept, table } = drawn
  const { samples, length } = scratch
  const columns = arena.f32(samples, kept * length).fill(0)
  for (let i = 0; i < count; i++) {
    const from = i * lineOf(drawn) + place.factor
    const slot = slotOf(i, scratch)
    for (let k = 0; k < kept; k++) columns[k * length + slot] = table[from + k]!
  }
}

/** The standard error of the choice from all samples, estimated from the choices of its groups (Mahalanobis 1946). */
function errorOf(values: readonly number[]): number {
  return Math.sqrt(scatterOf(values).squares / (values.length - 1) / values.length)
}
