import { Observable, type OperatorFunction } from 'rxjs'
import type { Frame } from '../wire/frame.ts'
import { Runs } from './run/runs.ts'
import type { Settings } from './settings/settings.ts'
import type { AnalysedBlock } from './summary.ts'

/**
 * The operator for settings that are already parsed.
 *
 * @example
 * ```ts
 * const settings = settingsOf({ block: 32 }, svd())
 * frames.pipe(analyseWith(settings)).subscribe(({ summaries }) => take(summaries))
 * ```
 */
export function analyseWith(settings: Settings): OperatorFunction<Frame, AnalysedBlock> {
  return analyseBy((emit) => new Runs(settings, emit))
}

/** The operator for runs that the caller has made. These can continue from a state, or be saved between two frames. */
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
