import type { Needs, OpenFrame, Plan } from '../../../stage/index.ts'
import type { FtleContext, FtleOptions, FtleShape } from '../options.ts'
import type { FtleInstance } from '../spec.ts'

/** A method of measuring exponents: what it needs from the engine, what it does per block, and what it reports. */
export interface Method {
  needs(options: FtleOptions, open: OpenFrame, member: number): Needs
  plan(shape: FtleShape, options: FtleOptions): Plan
  cost(shape: FtleShape, options: FtleOptions): { readonly flops: number; readonly bytes: number }
  start(context: FtleContext): FtleInstance
}
