import {
  amount,
  choice,
  type FigureValues,
  gramPort,
  integer,
  interval,
  list,
  type NoPorts,
  type Options,
  type Outcome,
  overRank,
  overSteps,
  type PlanShape,
  type Sentence,
  type StageContext,
  type StageInstance,
  scalar,
  share,
  text,
  verdict,
} from '../../stage/index.ts'
import { leastIncrements } from './interval.ts'

export const ftleOptions = {
  method: choice(['twin', 'tangent', 'local-linear'], {
    description:
      '`twin`: from the separations of perturbed members from member 0; `tangent`: from tangent vectors that the trainer sends; `local-linear`: from one run alone, by the linear map that fits its coordinates in the svd named in `on`',
    default: 'twin',
  }),
  tangents: integer({
    description: 'how many tangent vectors are read, by index from 0, with `method: "tangent"`',
    min: 1,
    max: 16,
    default: 1,
  }),
  window: integer({
    description:
      'read the exponents over the last so many steps; default: over the best stretch of growth or contraction so far, with `local-linear` 512',
    unit: 'steps',
    min: leastIncrements,
  }),
  horizon: integer({
    description:
      'steps n over which `local-linear` forms finite-time exponents ln σ(Kⁿ) / n; longer ones come closer to the spectrum',
    unit: 'steps',
    min: 1,
    max: 65536,
    default: 32,
  }),
  norms: list(choice(['l2', 'l1'], { description: 'a norm' }), {
    description: 'norms in which the series of separations is printed, of twins',
    default: [],
  }),
} as const

export type FtleOptions = Options<typeof ftleOptions>

export const ftleReads = { gram: gramPort }

export type FtleShape = PlanShape<typeof ftleReads>
export type FtleContext = StageContext<FtleOptions, typeof ftleReads>

const twinOnly = 'with method `twin`'
const localOnly = 'with method `local-linear`'

export const ftleFigures = {
  verdict: verdict({
    title: 'Verdict',
    means: 'What the separations say.',
    misleads: 'It speaks of the directions and sizes of perturbations that were there, no others.',
    words: {
      chaotic: 'Nearby runs part exponentially.',
      expanding: "The run leaves its own path's centre exponentially.",
      contracting: 'Nearby runs come together.',
      neutral: 'Nearby runs neither part nor come together exponentially.',
      'noise-driven': 'Noise of their own drives the runs apart.',
      insufficient: 'There is too little evidence for any of these.',
      'no-perturbation': 'The twins equal member 0 in every weight.',
      'no-twin': 'There is no second member.',
    },
  }),
  exponents: overRank({
    title: 'exponent per step',
    means: 'Mean growth rate of the logarithm of a separation, or of the volume that several span.',
    misleads: 'It is an average over its window: a few jumps give the same mean as steady growth.',
    unit: '1/step',
    interval: 'intervals',
  }),
  intervals: interval({
    title: '95 % interval',
    means: '95 % interval of each exponent.',
    unit: '1/step',
    over: 'rank',
  }),
  windows: interval({
    title: 'steps',
    means: 'First and last step of which each exponent is the mean.',
    unit: 'steps',
    over: 'rank',
  }),
  window: interval({
    title: 'Window',
    means: 'First and last step of which the first exponent is the mean.',
    unit: 'steps',
  }),
  efoldings: scalar({
    title: 'E-foldings',
    means: 'By how many factors of e the separation changed over the window.',
    misleads: 'A large change may be a few jumps.',
  }),
  powerLawExponent: scalar({
    title: 'Power law',
    means: 'Exponent h of the fit d ~ t^h to the separation over the window.',
    misleads: 'A fit is there whether or not the growth is a power law.',
    when: 'with methods `twin` and `tangent`',
  }),
  powerLawDeltaAic: scalar({
    title: 'AIC of exponential over power law',
    means:
      'AIC of exponential growth less that of the power law: positive where the power law fits better.',
    misleads: 'It compares two laws; both may be wrong.',
    when: 'with methods `twin` and `tangent`',
  }),
  rates: overRank({
    title: 'rate of twin',
    means: 'Growth rate of each twin over the first window, by itself.',
    unit: '1/step',
    interval: 'rateIntervals',
    when: twinOnly,
  }),
  rateIntervals: interval({
    title: '95 % interval of rate',
    means: '95 % interval of each of these rates.',
    unit: '1/step',
    over: 'rank',
    when: twinOnly,
  }),
  distances: overRank({
    title: 'distance of twin',
    means: 'Distance of each twin from member 0 at the last step.',
    unit: 'weight',
    when: twinOnly,
  }),
  floor: scalar({
    title: 'Floor',
    means: 'Distance below which separations are rounding noise.',
    unit: 'weight',
    when: twinOnly,
  }),
  saturation: scalar({
    title: 'Saturation',
    means: 'Distance above which separations are no longer small.',
    unit: 'weight',
    when: twinOnly,
  }),
  separations: overSteps({
    title: 'Separations',
    means: 'Distance of each twin from member 0 (Euclidean), at bounded resolution.',
    unit: 'weight',
    lines: 'twin',
    when: 'with `l2` in `norms`',
  }),
  separationSums: overSteps({
    title: 'Separations, sums of magnitudes',
    means: 'Sum of absolute differences of each twin and member 0.',
    unit: 'weight',
    lines: 'twin',
    when: 'with `l1` in `norms`',
  }),
  horizon: scalar({
    title: 'Horizon',
    means: 'Steps over which finite-time exponents of the fitted map are formed.',
    unit: 'steps',
    when: localOnly,
  }),
  spectral: overRank({
    title: 'ln |μ|',
    means: 'Logarithm of the modulus of each eigenvalue of the fitted map.',
    misleads: 'Noise in the coordinates makes it too small.',
    unit: '1/step',
    interval: 'spectralIntervals',
    when: localOnly,
  }),
  spectralIntervals: interval({
    title: '95 % interval of ln |μ|',
    means: '95 % interval of each of these.',
    unit: '1/step',
    over: 'rank',
    when: localOnly,
  }),
  nonNormality: overRank({
    title: 'non-normality',
    means: 'Finite-time exponent less ln |μ|: growth that does not last.',
    unit: '1/step',
    when: localOnly,
  }),
  captured: share({
    title: 'Captured',
    means: 'Share of the squared movement that lies in the directions of the map.',
    when: localOnly,
  }),
  unexplained: share({
    title: 'Unexplained',
    means: "Share of the steps' variance that the map does not explain.",
    better: 'lower',
    when: localOnly,
  }),
  method: verdict({
    title: 'Method',
    means: 'How the exponents were measured.',
    words: {
      twin: 'From separations of perturbed twins.',
      tangent: 'From tangent vectors that the trainer sent.',
      'local-linear': 'From the linear map that fits one run best.',
    },
  }),
  sees: text({ title: 'Sees', means: 'What these exponents speak of, and what they cannot see.' }),
} as const

export type FtleValues = FigureValues<typeof ftleFigures>
export type FtleOutcome = Outcome<typeof ftleFigures, keyof typeof ftleAlerts>
export type FtleInstance = StageInstance<typeof ftleFigures, NoPorts, keyof typeof ftleAlerts>

export const ftleAlerts = {
  chaotic: { level: 'info', means: 'Nearby runs part exponentially.' },
  expanding: { level: 'info', means: "The run leaves its own path's centre exponentially." },
} as const

export function says(values: FtleValues): Sentence<keyof typeof ftleFigures>[] {
  const { verdict, exponents, window } = values
  const [first] = exponents ?? []
  const rate = first === undefined || Number.isNaN(first) ? '' : `, ${amount(first, 2)} per step`
  const steps = window ? ` over steps ${window[0]} to ${window[1]}` : ''
  const text = `${ftleFigures.verdict.words[verdict].replace(/\.$/, '')}${rate}${steps}.`
  return [{ level: 'info', text, figure: 'verdict' }]
}
