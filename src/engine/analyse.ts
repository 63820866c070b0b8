import { Observable, type OperatorFunction } from 'rxjs'
import type { OptionsInput } from '../spec/fields.ts'
import { parseOptions } from '../spec/parse.ts'
import { throwErrors } from '../spec/problem.ts'
import type { Frame } from '../wire/frame.ts'
import { Runs } from './run/runs.ts'
import { type Settings, settingsFields } from './settings.ts'
import type { StageValue } from './stage.ts'
import type { AnalysedBlock } from './summary.ts'

export type AnalyseOptions = OptionsInput<typeof settingsFields>

/**
 * The analysis as one operator: frames in, the summaries of their blocks out. Takes any number of runs, one after another.
 *
 * After an error in the frames what was computed before is emitted first. A run that ends without `close` is truncated:
 * its summaries stand, and the `run` summary says so.
 *
 * `frames.pipe(analyse(svd(), cmd(), ftle()))`, or with options first: `analyse({ block: 32 }, svd({ rank: 8 }))`.
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
  const parsed = parseOptions(settingsFields, isStage ? {} : first)
  throwErrors(parsed.problems, 'analyse')
  return analyseWith({ ...parsed.value, stages })
}

/** The operator for settings that are already parsed. */
export function analyseWith(settings: Settings): OperatorFunction<Frame, AnalysedBlock> {
  return analyseBy((emit) => new Runs(settings, emit))
}

/** The operator for runs that its caller has made, so that they can go on from a state or be saved between two frames. */
export function analyseBy(
  make: (emit: (block: AnalysedBlock) => void) => Runs
): OperatorFunction<Frame, AnalysedBlock> {
  return (frames) =>
    new Observable((subscriber) => {
      const runs = make((block) => subscriber.next(block))
      const fail = (error: unknown): void => {
        runs.end(error)
        subscriber.error(error)
      }
      return frames.subscribe({
        next: (frame) => {
          try {
            runs.take(frame)
          } catch (error) {
            fail(error)
          }
        },
        error: fail,
        complete: () => {
          try {
            runs.end()
          } catch (error) {
            fail(error)
            return
          }
          subscriber.complete()
        },
      })
    })
}
