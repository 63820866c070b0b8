import type { Rule } from '../../rules/watch.ts'
import type { AnyOptions, Options } from '../../spec/fields.ts'
import type { Path } from '../../spec/path.ts'
import type { Sketching, StageDefinition } from '../../stage/define.ts'
import type { Levels } from './alerts.ts'
import type { Look, settingsFields, stageFields } from './fields.ts'

/** A stage of a run with its options parsed. This is what is hashed, planned and run. */
export interface ParsedStage extends Options<typeof stageFields> {
  readonly id: string
  /** When the stage looks at the weights; only for a stage on whole tensors. */
  readonly look?: Look
  readonly definition: StageDefinition
  /** Its own options, defaults included. */
  readonly options: AnyOptions
  /** By the port's name: which earlier stage the port is read from. */
  readonly sources: { readonly [port: string]: string }
  /** Its place in the configuration; empty for a stage that runs unasked. */
  readonly path: Path
}

/** A run's settings, with stages and alerts still as they were written. */
export type PlainSettings = Options<typeof settingsFields> & { readonly name?: string }

export type Settings = Omit<PlainSettings, 'alerts'> & {
  /** Levels of alerts by their id. */
  readonly alerts: Levels
  readonly rules: readonly Rule[]
  readonly stages: readonly ParsedStage[]
}

/** Whether a stage works on a sketch. */
export function sketchingOf({ definition, options }: ParsedStage): Sketching {
  return definition.sketching?.(options) ?? 'never'
}

/** Whether all stages together work on a sketch. One stage that needs every weight rules it out. */
export function sketchingOfAll(stages: readonly ParsedStage[]): Sketching {
  const all = stages.map(sketchingOf)
  if (all.includes('never')) return 'never'
  if (all.includes('always')) return 'always'
  return all.includes('when-too-large') ? 'when-too-large' : 'never'
}

/** The settings that determine the layout and the numbers of a run's state. All others may change between save and load. */
export function identity(settings: Settings): string {
  const { select, block, mode, nonFinite, groups, seed, shards, stages } = settings
  const parts = stages.map(
    ({ definition: { type }, id, per, member, on, select, look, options }) => ({
      type,
      id,
      per,
      member,
      on,
      select,
      look,
      options,
    })
  )
  return JSON.stringify({ select, block, mode, nonFinite, groups, seed, shards, stages: parts })
}
