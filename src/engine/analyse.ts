import { Observable, type OperatorFunction } from 'rxjs'
import { ThalwegError } from '../error.ts'
import type { OptionsInput } from '../spec/fields.ts'
import { parseOptions } from '../spec/parse.ts'
import { throwErrors } from '../spec/problem.ts'
import { health } from '../stages/health/index.ts'
import type { Frame } from '../wire/frame.ts'
import { Run } from './run.ts'
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
  const whole = withHealth(settings)
  return (frames) =>
    new Observable((subscriber) => {
      let run: Run | undefined
      const emit = (block: AnalysedBlock): void => subscriber.next(block)
      const take = (frame: Frame): void => {
        if (frame.kind === 'open') {
          run?.end()
          run = undefined
          run = new Run(frame, whole, emit)
        } else if (run) {
          run.push(frame)
          if (frame.kind === 'close') {
            run.end()
            run = undefined
          }
        } else {
          throw new ThalwegError(
            'E_OPEN',
            `a ${frame.kind} frame comes before "open". Send "open" first.`,
            {
              offset: frame.offset,
            }
          )
        }
      }
      const fail = (error: unknown): void => {
        const failed = run
        run = undefined
        failed?.end(
          error instanceof ThalwegError
            ? error
            : new ThalwegError('E_RUN', String(error), { cause: error })
        )
        subscriber.error(error)
      }
      return frames.subscribe({
        next: (frame) => {
          try {
            take(frame)
          } catch (error) {
            fail(error)
          }
        },
        error: fail,
        complete: () => {
          try {
            run?.end()
          } catch (error) {
            fail(error)
            return
          }
          subscriber.complete()
        },
      })
    })
}

/** `health` runs always; listing it sets its options. */
function withHealth(settings: Settings): Settings {
  const listed = settings.stages.some(({ definition }) => definition.type === 'health')
  return listed ? settings : { ...settings, stages: [health(), ...settings.stages] }
}
