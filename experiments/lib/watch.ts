import { from, lastValueFrom, tap } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { readFrames } from '../../src/wire/reader.ts'

/** Analyses a stream and gives the summaries that stages of a type made of one tensor, in order. */
export async function watch(
  stream: AsyncIterable<Uint8Array>,
  type: string,
  tensor: string,
  options: AnalyseOptions,
  ...stages: StageValue[]
): Promise<Summary[]> {
  const found: Summary[] = []
  const isAsked = (own: Summary): boolean => own.type === type && own.scope === `tensor:${tensor}`
  const blocks = from(readFrames(stream)).pipe(
    analyse(options, ...stages),
    tap(({ summaries }) => found.push(...summaries.filter(isAsked)))
  )
  await lastValueFrom(blocks)
  return found
}
