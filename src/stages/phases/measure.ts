import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { padded, panels } from '../../linalg/panels.ts'
import { symmetricEigen } from '../../linalg/symmetric.ts'
import {
  type Block,
  fillPanels,
  fromOwner,
  ownsTensor,
  readWeights,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import type { PhasesScratch, Place, Places } from './layout.ts'
import { lowerMedian } from './median.ts'
import type { MetricName } from './model.ts'
import type { PhasesOptions } from './spec.ts'

export interface Looker extends Pick<StageContext<PhasesOptions>, 'arena' | 'scope'> {
  readonly places: Places
  readonly scratch: PhasesScratch
}

/** Singular values below this count as zero, as in Hu et al. */
const zero = 1e-5

/** Number of elements, their mean, sum of squared deviations, least and greatest. */
export interface Spread {
  readonly count: number
  readonly mean: number
  readonly squares: number
  readonly least: number
  readonly greatest: number
}

/** The fourteen metrics after a column of the block; NaN if there is no such tensor. */
export function* metricsAfter(
  looker: Looker,
  block: Block,
  column: number
): Step<Record<MetricName, number>> {
  const { arena, scope, places, scratch } = looker
  const tensors = places.matrices.map(({ tensor }) => tensor)
  const sums = new Float64Array(8)
  for (const place of places.matrices) {
    const own = yield* fromOwner(
      scope,
      8,
      () => normsOf(looker, block, column, place),
      ownsTensor(scope, place.tensor)
    )
    own.forEach((value, i) => {
      sums[i]! += value / tensors.length
    })
  }
  const norms = tensors.length > 0 ? sums : sums.fill(Number.NaN)
  const weights = yield* spreadOf(looker, block, column, tensors)
  const biases = yield* spreadOf(looker, block, column, places.biases)
  const place = { arena, scope, staging: scratch.staging }
  const weightMedian = yield* lowerMedian(place, block, column, tensors, weights)
  const biasMedian = yield* lowerMedian(place, block, column, places.biases, biases)
  return {
    l1: norms[0]!,
    l2: norms[1]!,
    l1OverL2: norms[2]!,
    trace: norms[3]!,
    spectralNorm: norms[4]!,
    traceOverSpectralNorm: norms[5]!,
    singularMean: norms[6]!,
    singularVariance: norms[7]!,
    weightMean: weights.mean,
    weightMedian,
    weightVariance: weights.squares / weights.count,
    biasMean: biases.mean,
    biasMedian,
    biasVariance: biases.squares / biases.count,
  }
}

/** Metrics of a single matrix, in the order of the metrics. */
function normsOf(
  { arena, scope, scratch }: Looker,
  block: Block,
  column: number,
  { tensor, part, long, short }: Place
): number[] {
  const view = arena.f64(scratch.matrix, padded(long) * padded(short)).fill(0)
  let l1 = 0
  let squares = 0
  let trace = 0
  const take = (piece: Float64Array, first: number): void => {
    for (const w of piece) {
      l1 += Math.abs(w)
      squares += w * w
    }
    const from = Math.ceil(first / (part.pitch + 1))
    for (let i = from; i < short && i * (part.pitch + 1) < first + piece.length; i++) {
      trace += piece[i * (part.pitch + 1) - first]!
    }
    fillPanels(view, part, piece, first)
  }
  readWeights(arena, block, scope, column, scratch.staging, take, tensor)
  const values = singularValuesOf(arena, scratch, long, short)
  const l2 = Math.sqrt(squares)
  const largest = values[0]!
  const mean = values.reduce((sum, value) => sum + value, 0) / short
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / short
  return [l1, l2, l1 / l2, trace, largest, trace / largest, mean, variance]
}

/** All singular values, by the Gram matrix in f64: the error of each is some 1e-8 of the largest. */
function singularValuesOf(
  arena: Looker['arena'],
  { matrix, square, work }: PhasesScratch,
  long: number,
  short: number
): Float64Array {
  const { rows: m, columns: n } = panels(long, short)
  const kernels = arena.kernels(linalgKernels)
  const out = { start: square, row: 8 * n, panel: 32 }
  kernels.inner_f64({ a: matrix, m: n, b: matrix, n, k: m, isSymmetric: true, out })
  kernels.symmetric_f64({ n, shift: 0, scale: 1, out })
  const { values } = symmetricEigen(arena, square, short, work)
  return values.map((value) => {
    const own = Math.sqrt(Math.max(0, value))
    return own < zero ? 0 : own
  })
}

/** Computed tensor by tensor, and joined by Chan's formula. */
function* spreadOf(
  { arena, scope, scratch }: Looker,
  block: Block,
  column: number,
  tensors: Places['biases']
): Step<Spread> {
  let all = { count: 0, mean: Number.NaN, squares: 0, least: Infinity, greatest: -Infinity }
  for (const tensor of tensors) {
    if (tensor.rows === 0) continue
    const found = yield* fromOwner(
      scope,
      4,
      () => {
        let sum = 0
        let least = Infinity
        let greatest = -Infinity
        const each = (take: (piece: Float64Array) => void): void =>
          readWeights(arena, block, scope, column, scratch.staging, take, tensor)
        each((piece) => {
          for (const w of piece) {
            sum += w
            least = Math.min(least, w)
            greatest = Math.max(greatest, w)
          }
        })
        const mean = sum / tensor.rows
        let squares = 0
        each((piece) => {
          for (const w of piece) squares += (w - mean) ** 2
        })
        return [mean, squares, least, greatest]
      },
      ownsTensor(scope, tensor)
    )
    const [mean, squares, least, greatest] = found as unknown as [number, number, number, number]
    const count = all.count + tensor.rows
    const apart = all.count > 0 ? mean - all.mean : 0
    all = {
      count,
      mean: (all.count > 0 ? all.mean : mean) + (apart * tensor.rows) / count,
      squares: all.squares + squares + (apart * apart * all.count * tensor.rows) / count,
      least: Math.min(all.least, least),
      greatest: Math.max(all.greatest, greatest),
    }
  }
  return all
}
