import type { ScopeShape } from '../scope.ts'
import { classesOf, type RowClass } from './classes.ts'
import type { Memory } from './memory.ts'
import { cosinesOf, energyBins, lags, pooled, type StepStatistics } from './statistics.ts'

/** Most strata of a scope. Each stratum has one memory. */
const mostStrata = 3

/** Tensors whose steps share one memory. Their rows are put into `classes` classes, each `octaves` of variance wide. */
export interface Stratum {
  readonly indices: readonly number[]
  readonly classes: number
  readonly octaves: number
}

/** The largest tensors of a scope separately, and all others together. Memory differs more between tensors than within one. */
export function strataOf({ tensors }: ScopeShape): Stratum[] {
  const bySize = [...tensors].sort((a, b) => b.rows - a.rows || a.tile - b.tile)
  const alone = bySize.slice(0, bySize.length > mostStrata ? mostStrata - 1 : mostStrata)
  const rest = bySize.slice(alone.length).map(({ index }) => index)
  const groups = [...alone.map(({ index }) => [index]), ...(rest.length > 0 ? [rest] : [])]
  const [classes, octaves] = groups.length === 1 ? ([6, 1] as const) : ([3, 2] as const)
  return groups.map((indices) => ({ indices, classes, octaves }))
}

/**
 * What a block's steps are made of in every walk: linear combinations (one per column) of the last four steps' lasting parts and of
 * fresh white columns. First come the lasting parts of the last four steps, newest first, then the steps with unit variance.
 */
export interface StratumSteps {
  /** `lags + fresh` x `lags + length`, by rows. */
  readonly made: Float64Array
  readonly fresh: number
  /** Norms of the steps. */
  readonly norms: Float64Array
  readonly classes: readonly RowClass[]
}

/** Advances a stratum's memory past a block, and says how walks make its steps. */
export function stratumSteps(
  stratum: Stratum,
  memory: Memory,
  statistics: StepStatistics
): StratumSteps {
  const { length } = statistics
  const own = pooled(statistics, stratum.indices)
  const { share } = memory
  const fresh = share < 1 ? 2 * length : length
  const size = lags + fresh
  const width = lags + length
  const lasting = Array.from({ length: lags }, (_, i) => basis(size, i))
  const made = new Float64Array(size * width)
  const norms = new Float64Array(length)
  for (let j = 0; j < length; j++) {
    const cosines = own ? cosinesOf(own, j) : new Float64Array(lags)
    const { weights, fresh: innovation } = memory.next(cosines, share)
    const step = basis(size, lags + j).map((value) => value * innovation)
    for (let k = 0; k < lags; k++) {
      for (let i = 0; i < size; i++) step[i]! += weights[k]! * lasting[k]![i]!
    }
    lasting.unshift(step)
    lasting.pop()
    for (let i = 0; i < size; i++) made[i * width + lags + j] = Math.sqrt(share) * step[i]!
    if (share < 1) made[(lags + length + j) * width + lags + j] = Math.sqrt(1 - share)
    norms[j] = own ? Math.sqrt(own.products[j * (lags + 1)]!) : 0
  }
  lasting.forEach((column, k) => {
    for (let i = 0; i < size; i++) made[i * width + k] = column[i]!
  })
  const { classes: count, octaves } = stratum
  const energies = own?.energies ?? new Float64Array(energyBins)
  const classes = classesOf(energies, memory.freedom, count, octaves)
  return { made, fresh, norms, classes }
}

function basis(size: number, i: number): Float64Array {
  const column = new Float64Array(size)
  column[i] = 1
  return column
}
