import type { Frame, OpenFrame } from '../wire/frame.ts'

/** Counts what goes through a run of a pipeline, for progress and rates. */
export class Meter {
  readonly started = performance.now()
  bytes = 0
  frames = 0
  step = 0
  /** The `open` of the run that the stream stands in. */
  open: OpenFrame | undefined
  #chunkAt = 0
  #slowest = 0
  /** Time between bytes coming in and their frames being done, of the last that are, in ms. */
  lag = 0

  chunk(bytes: number): void {
    this.bytes += bytes
    this.#chunkAt = performance.now()
  }

  frame(frame: Frame): void {
    this.frames++
    if ('step' in frame) this.step = frame.step
    if (frame.kind === 'open') this.open = frame
  }

  /** A chunk's last frame is analysed and its summaries are on their way. */
  chunkDone(): void {
    this.lag = performance.now() - this.#chunkAt
    this.#slowest = Math.max(this.#slowest, this.lag)
  }

  get seconds(): number {
    return (performance.now() - this.started) / 1000
  }

  /** Longest time, since the last call, between bytes coming in and their frames being done, in ms. */
  takeLag(): number {
    const lag = this.#slowest
    this.#slowest = 0
    return lag
  }
}
