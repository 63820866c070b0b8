import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { StageValue } from '../../src/stage/define.ts'
import type { Frame } from '../../src/wire/frame.ts'

/** All summaries of these stages on these frames, in order. Throws what the analysis throws. */
export function analysed(
  frames: readonly Frame[],
  stages: readonly StageValue[],
  options: AnalyseOptions = {}
): Summary[] {
  const summaries: Summary[] = []
  let failure: unknown
  from(frames)
    .pipe(analyse(options, ...stages))
    .subscribe({
      next: (block) => summaries.push(...block.summaries),
      error: (error: unknown) => {
        failure = error
      },
    })
  if (failure) throw failure
  return summaries
}
