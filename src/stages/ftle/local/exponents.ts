import { type Complex, eigenvalues } from '../../../linalg/eigenvalues.ts'
import { power } from '../../../linalg/matrix.ts'
import { singularValues } from '../../../linalg/singular-values.ts'
import { log, scatterOf } from '../../../stage/index.ts'
import { halfWidth, type Rate, rateOf } from '../interval.ts'
import { onWeights, operatorOf } from './operator.ts'
import type { Pairs } from './pairs.ts'

/** A singular value of a power, or an eigenvalue, below this share of the first one is rounding. */
const resolution = 1e-12

/** Rates of one operator, per step of the trainer, largest first; NaN if not resolved. */
interface Rates {
  /** (1/n) ln σ_i(Kⁿ). */
  readonly finite: Float64Array
  /** ln |μ_i|. */
  readonly spectral: Float64Array
}

export interface LocalExponents {
  readonly finite: readonly Rate[]
  readonly spectral: readonly Rate[]
}

/**
 * Exponents of the operator K that is fitted to all pairs, with 95 % intervals by a delete-one-batch jackknife (Künsch 1989): the window is
 * cut into eight stretches, the fit is repeated without each of them, and Student's t is applied to the spread. An exponent that only one
 * stretch determines has no interval (NaN).
 *
 * @param horizon n, in recorded steps
 * @param spacing steps of the trainer between recorded ones
 */
export function localExponents(pairs: Pairs, horizon: number, spacing: number): LocalExponents {
  const all = ratesOf(pairs, horizon, spacing)
  const others = pairs.parts.map((_, b) => ratesOf(pairs, horizon, spacing, b))
  const withIntervals = (kind: keyof Rates): Rate[] =>
    Array.from(all[kind], (value, i) =>
      rateOf(value, jackknife(others.map((own) => own[kind][i]!)))
    )
  return { finite: withIntervals('finite'), spectral: withIntervals('spectral') }
}

const modulusOf = ({ re, im }: Complex): number => Math.sqrt(re * re + im * im)

/**
 * Half of a 95 % interval, from the values found without each batch: the standard error of the mean of the pseudo-values, times Student's
 * t.
 */
function jackknife(values: readonly number[]): number {
  const count = values.length
  return halfWidth((count - 1) * (count - 1) * scatterOf(values).squares, count)
}

function ratesOf(pairs: Pairs, horizon: number, spacing: number, without?: number): Rates {
  const { size } = pairs
  const k = onWeights(operatorOf(pairs, without), pairs)
  const mu = eigenvalues(k, size)
  // Powers of K / |μ_1| neither vanish nor overflow, however long the horizon.
  const radius = (mu && modulusOf(mu[0]!)) || 1
  const scaled = k.map((value) => value / radius)
  const stretched = singularValues(power(scaled, size, horizon), size)
  const finite = stretched.map((value) =>
    value > resolution * stretched[0]! ? (log(value) / horizon + log(radius)) / spacing : Number.NaN
  )
  const spectral = Float64Array.from({ length: size }, (_, i) => {
    const modulus = mu ? modulusOf(mu[i]!) : 0
    return modulus > resolution * radius ? log(modulus) / spacing : Number.NaN
  })
  return { finite, spectral }
}
