import type { Rule } from '../../rules/watch.ts'
import type { AnyOptions, Options } from '../../spec/fields.ts'
import type { Path } from '../../spec/path.ts'
import type { Sketching, StageDefinition } from '../../stage/define.ts'
import type { Levels } from './alerts.ts'
import type { Look, settingsFields, stageFields } from './fields.ts'

/** A stage of a run, its options parsed: what is hashed, planned and run. */
export interface ParsedStage extends Options<typeof stageFields> {
  readonly id: string
  /** Of a stage on whole tensors: when it looks at them. */
  readonly look?: Look
  readonly definition: StageDefinition
  /** Its own options with their defaults. */
  readonly options: AnyOptions
  /** Which earlier stage each port is read from, by the port's name. */
  readonly sources: { readonly [port: string]: string }
  /** Where it stands in the configuration; empty for one that runs unasked. */
  readonly path: Path
}

/** What a run is told, its stages and alerts still as they are written. */
export type PlainSettings = Options<typeof settingsFields> & { readonly name?: string }

export type Settings = Omit<PlainSettings, 'alerts'> & {
  /** Levels of alerts by their id. */
  readonly alerts: Levels
  readonly rules: readonly Rule[]
  readonly stages: readonly ParsedStage[]
}

/** What a stage makes of a sketch. */
export function sketchingOf({ definition, options }: ParsedStage): Sketching {
  return definition.sketching?.(options) ?? 'never'
}

/** What all stages together make of a sketch: one that needs every weight rules it out. */
export function sketchingOfAll(stages: readonly ParsedStage[]): Sketching {
  const all = stages.map(sketchingOf)
  if (all.includes('never')) return 'never'
  if (all.includes('always')) return 'always'
  return all.includes('when-too-large') ? 'when-too-large' : 'never'
}

/** What decides the layout and the numbers of a run's state; the rest of the settings may change between save and load. */
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
