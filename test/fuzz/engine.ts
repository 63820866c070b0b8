import { Runs } from '../../src/engine/run/runs.ts'
import type { Settings } from '../../src/engine/settings/settings.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { saveState } from '../../src/engine/state/save.ts'
import { type AnalysedBlock, summaryLine } from '../../src/engine/summary.ts'
import { ThalwegError } from '../../src/error.ts'
import { FrameReader } from '../../src/wire/reader.ts'

export interface Analysed {
  readonly lines: readonly string[]
  /** Code and message of what ended it, or how the stream ended. */
  readonly end: string
}

/** How a stream is taken, which must make no difference. */
export interface Course {
  readonly shards?: number
  /** Bytes of the next chunk; all at once where there is none. */
  readonly size?: () => number
  /** Whether state is saved and loaded after this frame. */
  readonly saves?: (frame: number) => boolean
  /** Whether more may come: then what has begun is not ended. */
  readonly isOpen?: boolean
}

/**
 * All lines that the engine makes of a stream, and how it ended. What the memory of a run is, which depends on the number
 * of shards, is left out.
 *
 * @throws what is not an error of ours
 */
export function analysed(stream: Uint8Array, settings: Settings, course: Course = {}): Analysed {
  const { shards = 1, size = () => stream.length, saves = () => false } = course
  const own = { ...settings, shards }
  const lines: string[] = []
  const emit = ({ summaries }: AnalysedBlock): void => {
    for (const summary of summaries)
      lines.push(summaryLine(summary).replace(/"memory":\d+/, '"memory":0'))
  }
  const reader = new FrameReader(settings.limits)
  let runs = new Runs(own, emit)
  let frames = 0
  const take = (): void => {
    for (let frame = reader.next(); frame; frame = reader.next()) {
      runs.take(frame)
      if (!runs.current || !saves(frames++)) continue
      const loader = new StateLoader(runs.settings, emit)
      for (const chunk of saveState(runs.current)) loader.push(chunk)
      runs = new Runs(own, emit)
      runs.resume(loader.finish(), 'next')
    }
  }
  try {
    for (let at = 0; at < stream.length; ) {
      const to = Math.min(stream.length, at + Math.max(1, size()))
      const chunk = stream.slice(at, to)
      reader.push(chunk)
      take()
      chunk.fill(0xc1)
      at = to
    }
    if (course.isOpen) return { lines, end: 'open' }
    const end = reader.end()
    runs.end()
    return { lines, end }
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    runs.end(error)
    return { lines, end: `${error.code} ${error.message}` }
  }
}
