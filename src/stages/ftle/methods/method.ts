import type { StageDefinition } from '../../../engine/stage.ts'
import type { ftleOptions } from '../options.ts'

/** A way to measure exponents: what a stage asks of the engine, does per block, and reports. */
export type Method = Required<
  Pick<StageDefinition<typeof ftleOptions>, 'needs' | 'plan' | 'cost' | 'start'>
>
