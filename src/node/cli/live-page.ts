import { specsOf } from '../../engine/run/specs.ts'
import type { Settings } from '../../engine/settings/settings.ts'
import type { AnalysedBlock } from '../../engine/summary.ts'
import type { Meter } from '../../pipeline/meter.ts'
import { Feed } from '../live/feed.ts'
import { serveFeed } from '../live/serve.ts'

/** The default port of pages. */
export const usualPort = 7070

const paceMs = 1000

export interface LivePage {
  show(block: AnalysedBlock): void
  close(): Promise<void>
}

/**
 * Serves the page of a run in progress, and writes its address to stderr.
 *
 * @param port undefined: no page is served
 */
export async function livePage(
  port: number | undefined,
  settings: Settings,
  meter: Meter
): Promise<LivePage | undefined> {
  if (port === undefined) return undefined
  const feed = new Feed(specsOf(settings))
  const { url, close } = await serveFeed(feed, { port })
  process.stderr.write(`The run is shown at ${url}\n`)
  let frames = 0
  const timer = setInterval(() => {
    const framesPerSecond = ((meter.frames - frames) * 1000) / paceMs
    frames = meter.frames
    feed.pace({ step: meter.step, framesPerSecond, lagMs: meter.lag })
  }, paceMs)
  return {
    show: ({ summaries, standing }) => feed.add(summaries, '', standing),
    close: () => {
      clearInterval(timer)
      return close()
    },
  }
}
