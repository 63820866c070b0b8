import { log } from '../../../stage/index.ts'
import { type Curve, fitKnee, fitLine } from '../fits.ts'
import { leastIncrements } from '../interval.ts'
import type { Reading } from '../reading.ts'
import type { Measures } from './measures.ts'
import { leastFoldings, type Said, said } from './names.ts'
import { median } from './statistics.ts'

/** How well ln d = a + h ln t describes a curve, compared with ln d = a + λ t. */
export interface PowerLaw {
  readonly exponent: number
  /** AIC of exponential growth (up to a knee if that is better) minus the AIC of the power law: positive if the power law fits better. */
  readonly deltaAic: number
}

/** With an AIC difference beyond this, the worse model has no support (Burnham and Anderson 2002). */
const decisive = 10

/** Shears separate twins as t, resonances as t². A steeper power law is an exponential that is not straight. */
const steepest = 2.5

/** Diffusion grows as t^½, or more slowly if a contraction limits it. */
const diffusive = 0.75

/** @param curve times are counted from its first point, which is 1 */
export function comparePowerLaw({ times, logs }: Curve): PowerLaw {
  const n = times.length
  const t = times.map((time) => time - times[0]! + 1)
  // Logarithms of f64 norms carry about 1e-12 of rounding: no fit can be better than that.
  const misfit = (residual: number): number => n * log(Math.max(residual, n * 1e-24))
  const knee = fitKnee({ times: t, logs }, leastIncrements)?.knee
  const bent = knee === undefined ? t : t.map((time) => Math.min(time, t[knee]!))
  const exponential = Math.min(
    misfit(fitLine(t, logs).residual),
    misfit(fitLine(bent, logs).residual) + (knee === undefined ? 0 : 2)
  )
  const power = fitLine(t.map(log), logs)
  return { exponent: power.slope, deltaAic: exponential - misfit(power.residual) }
}

/** Growth as a power of time: it is neutral, or members diffuse by noise of their own. */
export function algebraic(reading: Reading, { grown, powerLaw }: Measures): Said | undefined {
  const { exponent, deltaAic } = powerLaw
  if (grown < leastFoldings || deltaAic <= decisive || exponent > steepest) return undefined
  const law = `separations grow as t^${exponent.toFixed(2)}, not exponentially`
  if (exponent > diffusive || !isEquidistant(reading)) return said('neutral', law)
  return said(
    'noise-driven',
    `${law}, and twins are as far from each other as from member 0: each has noise of its own, though "coupled" is true`
  )
}

/** Whether the first two twins and member 0 are equally far from each other, so that the separations make an angle of 60°. */
function isEquidistant({ course: { twins, across }, stretch: { from, to } }: Reading): boolean {
  if (twins.length < 2) return false
  const over = (logs: Float64Array): number => median(logs.subarray(from, to + 1))
  const ratio = over(twins[1]!.map((value, i) => value - twins[0]![i]!))
  return Math.abs(ratio) < 0.2 && Math.abs(over(across[1]!) - log(Math.sqrt(3) / 2)) < 0.07
}
