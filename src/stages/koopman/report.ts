import type { Complex } from '../../linalg/eigenvalues.ts'
import {
  angle,
  counted,
  type FigureValues,
  log,
  type RunSpectrum,
  whyOf,
} from '../../stage/index.ts'
import type { Analysis, Found } from './analysis.ts'
import { centred, mapOf } from './fitting/moments.ts'
import type { KoopmanHeader, Layout } from './layout.ts'
import { pseudospectrum } from './pseudospectrum.ts'
import { leastStretches, modulusOf } from './resample.ts'
import type { KoopmanOptions, koopmanFigures } from './spec.ts'
import { needed, runVerdict, standsOut, type Telling } from './verdicts.ts'

export type KoopmanValues = FigureValues<typeof koopmanFigures>

/** All figures while nothing is known. */
const unknown: KoopmanValues = {
  verdict: 'insufficient',
  explained: Number.NaN,
  explainedNull: Number.NaN,
  slowest: Number.NaN,
  slowestInterval: null,
  modes: null,
  eigenvalues: null,
  totalEigenvalues: null,
  estimators: 'unknown',
  changed: Number.NaN,
  changedByChance: Number.NaN,
  captured: Number.NaN,
  lost: Number.NaN,
  pairs: 0,
  rank: 0,
  uneven: 0,
  delayed: 0,
  spacing: Number.NaN,
  window: null,
}

/** The null's values: only how much its map explains, because no other value of the null is read. */
export const nullValues = (telling: Telling): KoopmanValues => ({ ...unknown, ...telling })

export function valuesOf(
  { whole, steps, spacing, fit, found }: Analysis,
  header: KoopmanHeader,
  { first }: Layout,
  options: KoopmanOptions,
  walk: KoopmanValues | undefined
): KoopmanValues {
  const { rows, lost } = whole
  const common = {
    ...unknown,
    explainedNull: walk?.explained ?? Number.NaN,
    captured: capturedBy(header, options),
    lost,
    pairs: rows,
    rank: fit?.modes ?? 0,
    uneven: header.uneven,
    delayed: options.delays,
    spacing: rows > 0 ? spacing : Number.NaN,
    window: steps,
  }
  if (!found) {
    const few = fit && mapNeeds(fit)
    const why =
      rows === 0
        ? `too few evenly spaced steps so far, ${options.delays + 2} in a row are needed`
        : (few ?? 'the run does not move')
    return { ...common, why: rows > 0 && few ? `${pairs(rows)} so far; ${few}` : why }
  }
  const { modes, resampled } = found
  const slowest = modes.findIndex(({ verdict }) => verdict === 'real')
  return {
    ...common,
    verdict: verdictOf(found, rows, walk),
    explained: found.fit.explained,
    slowest: slowest < 0 ? Number.NaN : modulusOf(modes[slowest]!),
    slowestInterval: resampled?.scatter[slowest]?.modulus ?? null,
    modes: rowsOf(found, spacing),
    eigenvalues: modes.map(({ re, im }) => [re, im]),
    totalEigenvalues: found.total?.map(({ re, im }) => [re, im]) ?? null,
    estimators: estimatorsOf(found),
    changed: changedOf(found, first),
    changedByChance: (found.fit.modes + first) / rows,
    ...(options.pseudospectrum > 0
      ? { pseudospectrum: pseudospectrum(found.fit, modes, options.pseudospectrum) }
      : {}),
    why: whyUnsure(found, rows, options),
  }
}

/** The spectrum that later stages read. */
export function spectrumOf({ found, steps, spacing }: Analysis): RunSpectrum | undefined {
  if (!found || !steps) return undefined
  const { modes, resampled } = found
  return {
    spacing,
    steps,
    modes: modes.map(({ re, im, residual, verdict }, i) => ({
      re,
      im,
      modulusInterval: resampled?.scatter[i]?.modulus ?? null,
      residual,
      verdict,
    })),
  }
}

/** Share of the motion in the coordinates; all of it if the coordinates are the weights themselves. */
function capturedBy({ moved, captured }: KoopmanHeader, { coordinates }: KoopmanOptions): number {
  if (coordinates === 'weights') return 1
  return moved > 0 ? Math.min(1, captured / moved) : Number.NaN
}

/** One row for each eigenvalue; one for a pair of conjugate ones. */
function rowsOf({ modes, total, resampled }: Found, spacing: number): KoopmanValues['modes'] {
  const turns = (radians: number): number => radians / (2 * Math.PI * spacing)
  return modes.flatMap((mode, i) => {
    if (mode.im < 0) return []
    const scatter = resampled?.scatter[i]
    const modulus = modulusOf(mode)
    return [
      {
        modulus,
        modulusInterval: scatter?.modulus ?? null,
        rate: modulus > 0 ? log(modulus) / spacing : Number.NaN,
        frequency: turns(angle(mode.re, mode.im)),
        frequencyInterval: scatter ? [turns(scatter.angle[0]), turns(scatter.angle[1])] : null,
        energy: Math.min(1, mode.im > 0 ? 2 * mode.energy : mode.energy),
        residual: mode.residual,
        condition: mode.condition,
        total: total ? modulusOf(total[i]!) : Number.NaN,
        verdict: mode.verdict,
      },
    ]
  })
}

function verdictOf(
  { fit, modes, resampled }: Found,
  rows: number,
  walk: KoopmanValues | undefined
): KoopmanValues['verdict'] {
  if (rows < needed(fit.modes)) return 'insufficient'
  // A fragile mode may be the slowest one, and its place is not known.
  const intervals = modes.flatMap(({ verdict }, i) =>
    verdict === 'real' ? [resampled?.scatter[i]?.modulus] : verdict === 'fragile' ? [undefined] : []
  )
  const own = { explained: fit.explained, rank: fit.modes, pairs: rows }
  return runVerdict(intervals, standsOut(own, walk))
}

/** Whether the two estimators' eigenvalues of a real mode are further apart than twice the sum of their errors. */
function estimatorsOf({ modes, total, resampled }: Found): KoopmanValues['estimators'] {
  if (!total || !resampled) return 'unknown'
  const apart = modes.map((mode, i) => {
    if (mode.verdict !== 'real') return Number.NaN
    const between: Complex = { re: mode.re - total[i]!.re, im: mode.im - total[i]!.im }
    const [own, other] = [resampled.scatter[i]!.error, resampled.totalErrors[i]!]
    return modulusOf(between) / (2 * modulusOf({ re: own, im: other }))
  })
  if (apart.every(Number.isNaN)) return 'unknown'
  return apart.some((ratio) => ratio > 1) ? 'apart' : 'agree'
}

/** Of what the map leaves unexplained, the share that separate maps of the first and second half of the stretches explain. */
function changedOf({ fit, moments }: Found, first: number): number {
  if (moments.length < leastStretches) return Number.NaN
  const middle = moments.length >> 1
  const leftOf = (takes: (s: number) => boolean) =>
    mapOf(
      centred(
        moments,
        moments.map((_, s) => Number(takes(s))),
        fit,
        first
      ),
      fit.modes
    )
  const all = leftOf(() => true)
  const early = leftOf((s) => s < middle)
  const late = leftOf((s) => s >= middle)
  // An exact map leaves only rounding.
  if (all.left < 1e-12 * all.whole) return Number.NaN
  return Math.max(0, 1 - (early.left + late.left) / all.left)
}

function whyUnsure(
  { fit, modes, moments }: Found,
  rows: number,
  { resamples }: KoopmanOptions
): string | undefined {
  const enough = moments.length >= leastStretches
  const slowest = modes.find(({ verdict }) => verdict !== 'spurious')?.verdict
  return whyOf(
    slowest === 'fragile' &&
      'the slowest mode is nearly parallel to others, so small errors move its eigenvalue far',
    slowest === undefined && 'all modes are spurious: none follows its eigenvalue',
    rows < needed(fit.modes) && `${pairs(rows)} so far; ${mapNeeds(fit)}`,
    Number.isNaN(fit.explained) && 'all steps are alike',
    resamples === 0 && 'no intervals were asked for',
    !enough && `the run is ${moments.length} stretches long, intervals need ${leastStretches}`
  )
}

const pairs = (rows: number): string => `${counted(rows, 'pair')} of positions`

const mapNeeds = ({ modes }: { readonly modes: number }): string =>
  `a map of ${counted(modes, 'direction')} needs ${needed(modes)}`
