import type { Frame, OpenFrame } from '../wire/frame.ts'

/** How fast a run went since the last call. */
export interface Pace {
  readonly framesPerSecond: number
  readonly bytesPerSecond: number
  /** Longest time from the arrival of bytes until their frames were analysed, in ms. */
  readonly lagMs: number
}

/** Counts what passes through a pipeline's run, to show progress and rates. */
export class Meter {
  readonly started = performance.now()
  bytes = 0
  frames = 0
  step = 0
  /** The `open` frame of the stream's current run. */
  open: OpenFrame | undefined
  #chunkAt = 0
  #slowest = 0
  #asked = { frames: 0, bytes: 0, seconds: 0 }
  /** Time from the arrival of the last finished bytes until their frames were analysed, in ms. */
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

  /** Called when a chunk's last frame is analysed and its summaries have been handed to the sinks. */
  chunkDone(): void {
    this.lag = performance.now() - this.#chunkAt
    this.#slowest = Math.max(this.#slowest, this.lag)
  }

  get seconds(): number {
    return (performance.now() - this.started) / 1000
  }

  /** The pace since the last call. */
  takePace(): Pace {
    const { frames, bytes, seconds } = this
    const elapsed = seconds - this.#asked.seconds || 1
    const pace = {
      framesPerSecond: (frames - this.#asked.frames) / elapsed,
      bytesPerSecond: (bytes - this.#asked.bytes) / elapsed,
      lagMs: this.#slowest,
    }
    this.#asked = { frames, bytes, seconds }
    this.#slowest = 0
    return pace
  }
}
