import { from } from 'rxjs'
import {
  type AnalyseOptions,
  analyse,
  cmd,
  type Frame,
  FrameReader,
  ftle,
  health,
  parsePipeline,
  type Settings,
  type StageValue,
  summaryLine,
  svd,
} from 'thalweg'

export const registry = { stages: [health(), svd(), cmd(), ftle()], sources: [], sinks: [] }

export function settingsOf(pipeline: object): Settings {
  return parsePipeline(pipeline, registry).settings
}

/** The frames of a stream that comes in chunks of this many bytes; each is valid until the next is asked for. */
export function* framesOf(bytes: Uint8Array, chunk = bytes.length): Generator<Frame> {
  const reader = new FrameReader()
  for (let at = 0; at < bytes.length; at += chunk) {
    reader.push(bytes.subarray(at, at + chunk))
    for (let frame = reader.next(); frame; frame = reader.next()) yield frame
  }
  reader.end()
}

/** The summaries of a stream, as lines. */
export async function summariesOf(
  frames: Iterable<Frame>,
  options: AnalyseOptions,
  ...stages: StageValue[]
): Promise<string[]> {
  const lines: string[] = []
  await from(frames)
    .pipe(analyse(options, ...stages))
    .forEach(({ summaries }) => {
      lines.push(...summaries.map(summaryLine))
    })
  return lines
}

/** One array out of several. */
export function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const parts = Array.from(chunks, (chunk) => chunk.slice())
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
