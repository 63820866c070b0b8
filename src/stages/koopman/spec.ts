import {
  boolean,
  choice,
  complexSpectrum,
  count,
  factorPort,
  forget,
  gramPort,
  integer,
  interval,
  matrix,
  type Options,
  type PlanShape,
  type StageContext,
  scalar,
  share,
  table,
  verdict,
} from '../../stage/index.ts'
import { modeColumns, schedule } from './columns.ts'

export const koopmanOptions = {
  coordinates: choice(['directions', 'weights'], {
    description:
      "`directions`: positions along the directions that the stage named in `on` keeps; `weights`: the weights as they are, for a few of them (the stage's own `select` says which)",
    default: 'directions',
  }),
  delays: integer({
    description:
      'how many earlier positions stand beside each: more where one position is not the whole state (momentum, few directions)',
    min: 0,
    max: 256,
    default: 0,
  }),
  modes: integer({
    description: 'most principal directions of the (delayed) positions that the map is fitted in',
    min: 1,
    max: 64,
    default: 10,
  }),
  window: integer({
    description:
      'fit the last so many recorded steps, or up to a quarter fewer, since it moves on by whole stretches; default: the whole run',
    unit: 'steps',
    min: 32,
  }),
  forget,
  pool: boolean({
    description:
      'fit one map to all members of the run, such as perturbed starts that share the order of data',
    default: false,
  }),
  intercept: boolean({
    description:
      'fit a constant beside the linear map; without it the map is fitted to the absolute weights, as Redman et al. (2024) do',
    default: true,
  }),
  resamples: integer({
    description: 'times that stretches of the run are drawn anew for the intervals; 0 for none',
    min: 0,
    max: 1000,
    default: 100,
  }),
  pseudospectrum: integer({
    description: 'points on each side of the grid of the pseudospectrum; 0 for none',
    min: 0,
    max: 64,
    default: 0,
  }),
  shapes: integer({
    description:
      'slots that the modes in the weights are summed up in, for `compare` to hold them against those of another run; 0 for none',
    min: 0,
    max: 4096,
    default: 0,
  }),
  seed: integer({ description: 'of the resamples', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type KoopmanOptions = Options<typeof koopmanOptions>

export const koopmanFigures = {
  verdict: verdict({
    title: 'Verdict',
    means: 'What the eigenvalues that count say of the run.',
    misleads: 'It speaks of the directions that the run explored, and of a linear map.',
    words: {
      growing: 'Some mode grows.',
      decaying: 'All modes shrink: what moves the run along them dies out.',
      neutral: 'As far as can be told the slowest mode neither grows nor shrinks.',
      noise: 'Positions tell the next steps no better than those of a random walk do.',
      insufficient: 'There is too little evidence for any of these.',
    },
  }),
  explained: share({
    title: 'Explained',
    means: "Share of the steps' variance that the linear map tells from the positions before.",
    misleads:
      'Where a run drifts smoothly any map tells most of it; where noise drives it, little is told though the map is right.',
    null: 'explainedNull',
    better: 'neither',
  }),
  explainedNull: share({
    title: 'Explained of a random walk',
    means: 'The same share for the null, whose positions say nothing of its next steps.',
    misleads: 'It is above 0: a map of many directions fits some noise.',
  }),
  slowest: scalar({
    title: 'Slowest mode',
    means: 'Largest modulus of a real eigenvalue: by what a mode is multiplied in a recorded step.',
    misleads: `Of a random walk it is just below 1. ${schedule}`,
    interval: 'slowestInterval',
  }),
  slowestInterval: interval({
    title: '95 % interval of the slowest mode',
    means: '95 % interval of this modulus.',
  }),
  modes: table({
    title: 'Modes',
    means: 'Eigenvalues of the map, largest modulus first; of a conjugate pair one row.',
    misleads:
      'They depend on the number of delays and modes and on the spacing of recorded steps: compare only what was made alike.',
    columns: modeColumns,
  }),
  eigenvalues: complexSpectrum({
    title: 'eigenvalue',
    means: 'All eigenvalues of the map, by least squares.',
    misleads: schedule,
    details: 'modes',
    window: 'window',
    spacing: 'spacing',
    alike: ['delayed'],
    shapes: 'shapes',
  }),
  totalEigenvalues: complexSpectrum({
    title: 'eigenvalue by total least squares',
    means:
      'The same where later and earlier positions are taken for equally noisy, each in the place of the one it is nearest to.',
    misleads: 'Noise that drives the run, as that of small batches does, pushes them outwards.',
  }),
  estimators: verdict({
    title: 'Estimators',
    means: 'Whether least squares and total least squares agree on the real modes.',
    misleads: 'Both may be wrong in the same way.',
    words: {
      agree: 'They agree within their errors.',
      apart:
        'They differ by more than their errors: noise is in the weights as recorded, or drives them.',
      unknown: 'Their errors are not known.',
    },
  }),
  changed: share({
    title: 'Explained only by halves',
    means:
      'Share of what the map leaves of the positions that separate maps of both halves would tell.',
    misleads:
      'It does not say why: a learning rate that changes, curvature, and a basis that has turned all show here.',
    null: 'changedByChance',
    better: 'lower',
  }),
  changedByChance: share({
    title: 'Explained only by halves, by chance',
    means: 'What this share is on average where one map holds throughout: parameters over rows.',
  }),
  captured: share({
    title: 'Captured',
    means: "Share of member 0's squared steps that lies in the coordinates.",
    better: 'higher',
  }),
  lost: share({
    title: 'Lost with the basis',
    means: 'Share of the squared positions that was lost as the directions turned.',
    misleads: 'Eigenvalues of what was lost are missing, whatever the intervals say.',
    better: 'lower',
  }),
  pairs: scalar({
    title: 'Pairs',
    means: 'Pairs of successive (delayed) positions in the fit, weighted where earlier ones fade.',
    unit: 'pairs',
  }),
  rank: count({
    title: 'Fitted directions',
    means: 'Principal directions of the (delayed) positions that the map is fitted in.',
  }),
  uneven: count({
    title: 'Steps left out',
    means: 'Recorded steps that were not as far apart as the first ones.',
    unit: 'steps',
    better: 'lower',
  }),
  delayed: count({
    title: 'Delays',
    means: 'Earlier positions that stand beside each.',
  }),
  spacing: scalar({
    title: 'Spacing',
    means: 'Steps of the trainer from one recorded step to the next.',
    unit: 'steps',
  }),
  window: interval({
    title: 'Window',
    means: 'First and last step of the positions in the fit.',
    unit: 'steps',
  }),
  pseudospectrum: matrix({
    title: 'Pseudospectrum',
    means:
      'Smallest residual of any function at each point of the plane: where it is ε, an error ε of the map can put an eigenvalue.',
    misleads: 'Between points of the grid it may be smaller.',
    rows: 'imaginary part',
    columns: 'real part',
    when: 'with `pseudospectrum` above 0',
  }),
  shapes: matrix({
    title: 'Modes in the weights',
    means:
      'Each mode as signed sums of its weights, real part beside imaginary part: what other runs are compared by.',
    misleads:
      'A slot holds many weights: only products of two modes mean something, to one over the root of the slots.',
    rows: 'slot',
    columns: 'mode',
    when: 'with `shapes` above 0',
  }),
} as const

export const koopmanReads = { gram: gramPort, factor: factorPort }

export type KoopmanShape = PlanShape<typeof koopmanReads>
export type KoopmanContext = StageContext<KoopmanOptions, typeof koopmanReads>
