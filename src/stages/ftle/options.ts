import {
  choice,
  gramPort,
  integer,
  list,
  type Options,
  type PlanShape,
  type StageContext,
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
      'read the exponents over the last so many steps; default: over the steady part of the longest stretch between floor and saturation, with `local-linear` 512',
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
