import {
  boolean,
  choice,
  factorPort,
  forget,
  gramPort,
  integer,
  type Options,
  type PlanShape,
  type StageContext,
} from '../../stage/index.ts'

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
    description: 'fit the last so many recorded steps; default: the whole run',
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
  seed: integer({ description: 'of the resamples', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type KoopmanOptions = Options<typeof koopmanOptions>

export const koopmanReads = { gram: gramPort, factor: factorPort }

export type KoopmanShape = PlanShape<typeof koopmanReads>
export type KoopmanContext = StageContext<KoopmanOptions, typeof koopmanReads>
