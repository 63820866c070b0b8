import { type Factor, openHeader } from '../../stage/index.ts'
import { type Place, samplePlaces } from './sample.ts'
import { type CmdScratch, layScratch } from './scratch.ts'
import type { CmdContext } from './spec.ts'
import { type CmdHeader, headerShape } from './state.ts'

/** What a step works with: a shard's part of the rows, the small state, and places for the while of a step. */
export interface CmdInstance
  extends Pick<CmdContext, 'options' | 'shape' | 'scope' | 'arena' | 'rows'> {
  readonly header: CmdHeader
  readonly scratch: CmdScratch
  readonly samples: readonly Place[]
  /** What modes are proposed from, in place of trajectories. */
  readonly factor: Factor | undefined
}

export function openInstance(context: CmdContext): CmdInstance {
  const { options, shape, scope, arena, header, scratch } = context
  return {
    ...context,
    header: openHeader(arena, header, headerShape(shape, options)),
    scratch: layScratch(scratch, shape, options),
    samples: samplePlaces(scope, options.samples, options.seed),
    factor: context.ports.factor,
  }
}

/** The weights that modes are named after. */
export function referencesOf({ header, samples }: CmdInstance): Place[] {
  return [...header.reference.subarray(0, header.modes)].map((i) => samples[i]!)
}
