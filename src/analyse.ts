import type { OperatorFunction } from 'rxjs'
import { analyseWith } from './engine/analyse.ts'
import type { settingsFields } from './engine/settings/fields.ts'
import { parseSettings } from './engine/settings/parse.ts'
import type { Settings } from './engine/settings/settings.ts'
import type { AnalysedBlock } from './engine/summary.ts'
import type { OptionsInput } from './spec/fields.ts'
import type { StageValue } from './stage/define.ts'
import { always } from './stages/always.gen.ts'
import type { Frame } from './wire/frame.ts'

export type AnalyseOptions = OptionsInput<typeof settingsFields>

/**
 * The analysis as one operator: it takes frames and emits the summaries of their blocks. It accepts any number of runs, one after
 * another.
 *
 * After an error in the frames, it first emits what was computed before. A run that ends without `close` is truncated: its
 * summaries remain valid, and the `run` summary says so.
 *
 * @throws E_CONFIG, or the first problem's code, when options are wrong
 *
 * @example
 * ```ts
 * frames.pipe(analyse(svd(), cmd(), ftle()))
 * frames.pipe(analyse({ block: 32 }, svd({ rank: 8 })))
 * ```
 */
export function analyse(...stages: StageValue[]): OperatorFunction<Frame, AnalysedBlock>
export function analyse(
  options: AnalyseOptions,
  ...stages: StageValue[]
): OperatorFunction<Frame, AnalysedBlock>
export function analyse(
  first?: AnalyseOptions | StageValue,
  ...rest: StageValue[]
): OperatorFunction<Frame, AnalysedBlock> {
  const isStage = first !== undefined && 'definition' in first
  const stages = isStage ? [first as StageValue, ...rest] : rest
  return analyseWith(settingsOf(isStage ? {} : (first ?? {}), ...stages))
}

/**
 * The same options and stages as data, for `planRun`, `Run`, `StateLoader` and `analyseWith`.
 *
 * @throws E_CONFIG, or the first problem's code, when options are wrong
 *
 * @example
 * ```ts
 * const plan = planRun(open, settingsOf({ block: 32 }, svd()))
 * ```
 */
export function settingsOf(options: AnalyseOptions, ...stages: StageValue[]): Settings {
  return parseSettings(options, stages, always, 'analyse')
}
