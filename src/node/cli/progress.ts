import type { Meter, Pace } from '../../pipeline/meter.ts'
import { terminalOf } from '../terminal.ts'

const intervalMs = 1000

/**
 * Shows a run's progress on stderr. On a terminal it is one line that is rewritten each second. Elsewhere it is a new line after
 * 1, 2, 4, ... seconds and then each minute, so that logs stay short.
 *
 * @returns a function that ends it and clears the line
 */
export function showProgress(meter: Meter, json: boolean): () => void {
  const { stderr } = process
  const { interactive, clearLine, dim } = terminalOf(stderr)
  let next = 1
  const show = () => {
    if ((json || !interactive) && meter.seconds < next) return
    next += Math.min(next, 60)
    const now = { step: meter.step, frames: meter.frames, ...meter.takePace() }
    if (json) stderr.write(`${JSON.stringify({ schema: 'thalweg.progress/1', ...now })}\n`)
    else if (interactive) stderr.write(`${clearLine}${dim(inWords(now))}`)
    else stderr.write(`${inWords(now)}\n`)
  }
  const timer = setInterval(show, intervalMs)
  return () => {
    clearInterval(timer)
    if (!json) stderr.write(clearLine)
  }
}

function inWords(now: Pace & { readonly step: number; readonly frames: number }): string {
  if (now.frames === 0) return 'waiting for the stream'
  const rate = now.framesPerSecond.toFixed(now.framesPerSecond < 10 ? 1 : 0)
  const megabytes = (now.bytesPerSecond / 1e6).toFixed(1)
  return `step ${now.step} · ${rate} frames/s · ${megabytes} MB/s · lag ${now.lagMs.toFixed(0)} ms`
}
