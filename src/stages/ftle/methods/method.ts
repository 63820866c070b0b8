import type { Needs, Plan, PlanShape, StageContext, StageInstance } from '../../../engine/stage.ts'
import type { OpenFrame } from '../../../wire/frame.ts'
import type { FtleOptions } from '../options.ts'

/** A way to measure exponents: what a stage asks of the engine, does per block, and reports. */
export interface Method {
  needs(open: OpenFrame, options: FtleOptions, member: number): Needs
  plan(shape: PlanShape, options: FtleOptions): Plan
  cost(shape: PlanShape, options: FtleOptions): { readonly flops: number; readonly bytes: number }
  start(context: StageContext<FtleOptions>): StageInstance
}
