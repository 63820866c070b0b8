import {
  count,
  type FigureValues,
  interval,
  type NoPorts,
  type Outcome,
  overRank,
  overSteps,
  type StageInstance,
  scalar,
  share,
  text,
  verdict,
} from '../../stage/index.ts'
import { verdictWords } from './verdict/names.ts'

const twinOnly = 'with method `twin`'
const notLocal = 'with methods `twin` and `tangent`'
const localOnly = 'with method `local-linear`'

export const ftleFigures = {
  verdict: verdict({
    title: 'Verdict',
    means: 'What all looks at the separations have shown so far.',
    misleads:
      'It speaks of one stretch of the run, and of the directions and sizes of perturbations that were there.',
    words: verdictWords,
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
    means: 'First and last step over which each exponent is the mean.',
    unit: 'steps',
    over: 'rank',
  }),
  window: interval({
    title: 'Window',
    means: 'First and last step over which the first exponent is the mean.',
    unit: 'steps',
  }),
  efoldings: scalar({
    title: 'E-foldings',
    means: 'By how many factors of e the separation changed over the window.',
    misleads: 'A large change may be a few jumps.',
  }),
  latest: verdict({
    title: 'Last look',
    means: 'What the last look alone says.',
    misleads: 'A single look is wrong more often than the verdict.',
    words: verdictWords,
  }),
  evidence: count({
    title: 'Evidence',
    means: 'The largest number of steps from which the verdict was read.',
    misleads: 'Correlated steps are weaker evidence than their number suggests.',
    unit: 'steps',
  }),
  evenParts: scalar({
    title: 'Equal parts',
    means: 'In how many equal parts the growth comes: (ΣS)² / ΣS² of sums over correlation times.',
    misleads: 'Jumps of exponential sizes count for about half their number.',
    when: notLocal,
  }),
  burstShare: share({
    title: 'Movement in the largest steps',
    means: 'Share of all changes of ln d that falls on the largest 5 % of the steps.',
    misleads: 'Intermittent chaos also has bursts.',
    when: notLocal,
  }),
  correlationTime: scalar({
    title: 'Correlation time',
    means: 'Steps over which changes of ln d are correlated.',
    misleads: 'It is estimated from the window alone, so longer correlations do not show.',
    unit: 'steps',
    when: notLocal,
  }),
  sizeRatio: scalar({
    title: 'Ratio of sizes',
    means:
      'Distance of the twin whose growth is compared, divided by the distance of the twin that is read.',
    misleads:
      'Below 60 the two sizes are too close to distinguish finite from infinitesimal growth.',
    when: twinOnly,
  }),
  sizeDifference: scalar({
    title: 'Difference between sizes',
    means:
      'Difference between the growth of the two twins over eighths of the window, as a share of the growth.',
    misleads: 'Two sizes that are both too large agree as well.',
    better: 'lower',
    when: twinOnly,
  }),
  paceGain: scalar({
    title: 'Growth of the steps',
    means: "E-foldings by which member 0's own steps grow over the window.",
    misleads: 'A learning rate that rises lengthens steps as well.',
    when: notLocal,
  }),
  powerLawExponent: scalar({
    title: 'Power law',
    means: 'Exponent h of the fit d ~ t^h to the whole stretch between floor and saturation.',
    misleads: 'There is a fit whether or not the growth is a power law.',
    when: notLocal,
  }),
  powerLawDeltaAic: scalar({
    title: 'AIC of exponential over power law',
    means:
      'AIC of exponential growth (up to a knee if that is better) minus AIC of the power law: positive if the power law fits better.',
    misleads: 'It compares two laws; both may be wrong.',
    when: notLocal,
  }),
  rates: overRank({
    title: 'rate of twin',
    means:
      'Growth rate of each twin by itself, over its steps between floor and saturation in the first window.',
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
  nmle: scalar({
    title: 'NMLE',
    means:
      'The network maximum Lyapunov exponent as Danovski, Soriano and Lacasa (2024) estimate it.',
    misleads:
      'It is the slope of the straightest window, which need not be the window of lasting growth.',
    unit: '1/step',
    when: twinOnly,
  }),
  nmleRSquared: scalar({
    title: 'R² of its line',
    means: 'How straight ln d is in the window of that estimate.',
    misleads: 'The window is the one in which it is largest.',
    better: 'higher',
    when: twinOnly,
  }),
  nmleWindow: interval({
    title: 'Its window',
    means: 'The window of that estimate, in steps since the first distance.',
    unit: 'steps',
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
    misleads:
      'Noise in the coordinates makes it too small; on a descent its interval may be too narrow.',
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
    means: 'Finite-time exponent minus ln |μ|: growth that does not last.',
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
  sees: text({ title: 'Sees', means: 'What these exponents are about, and what they cannot see.' }),
} as const

export type FtleValues = FigureValues<typeof ftleFigures>
export type FtleOutcome = Outcome<typeof ftleFigures, keyof typeof ftleAlerts>
export type FtleInstance = StageInstance<typeof ftleFigures, NoPorts, keyof typeof ftleAlerts>

export const ftleAlerts = {
  chaotic: {
    level: 'info',
    means:
      'Nearby runs move apart exponentially over a stretch of the run, at a rate that does not depend on their distance.',
  },
  diverging: { level: 'warn', means: 'The run itself runs away, and its twins move away from it.' },
  expanding: {
    level: 'info',
    means:
      'One run leaves the centre of its own path exponentially; neighbours need not move apart.',
  },
} as const
