import { ThalwegError } from '../error.ts'
import { decoderOf } from './decode.ts'
import type { Envelope } from './envelope.ts'
import type { Frame, OpenFrame } from './frame.ts'
import type { Limits } from './limits.ts'
import { decodeOpen } from './open.ts'

/** A place between two frames of a stream. Reading can continue from it. */
export interface StreamPlace {
  /** Byte offset of the next frame. */
  readonly offset: number
  /** The run that is open there, and the number of its frames so far. */
  readonly open?: OpenFrame
  readonly frames?: number
}

/** Keeps track of the current run of a stream: which frames may come next, and what they must agree with. */
export class RunState {
  readonly #limits: Limits
  #open: OpenFrame | undefined
  #frames: number

  constructor(limits: Limits, { open, frames = 0 }: StreamPlace) {
    this.#limits = limits
    this.#open = open
    this.#frames = frames
  }

  get place(): Omit<StreamPlace, 'offset'> {
    return { open: this.#open, frames: this.#frames }
  }

  /** True between `open` and `close`. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /**
   * Decodes the next frame of the stream and records it.
   *
   * @throws E_OPEN for a frame outside a run, E_CLOSE if frames are missing, and whatever decoding throws
   */
  accept(envelope: Envelope): Frame {
    if (envelope.kind === 'open') return this.#begin(envelope)
    const decode = decoderOf(envelope)
    const run = this.#open
    if (run === undefined) {
      throw new ThalwegError(
        'E_OPEN',
        `a frame of kind ${envelope.kind} stands outside a run. Begin each run with "open".`,
        { offset: envelope.offset }
      )
    }
    const frame = decode(envelope, run, this.#limits)
    if (frame.kind !== 'close') {
      this.#frames++
      return frame
    }
    if (frame.frames !== this.#frames) {
      envelope.fail(
        'E_CLOSE',
        'frames',
        `is ${frame.frames}, but ${this.#frames} came since "open". Frames were lost on the way, counted wrongly, or written by two programs.`
      )
    }
    this.#open = undefined
    return frame
  }

  /** Begins a run. If another run is still open, it ends: its trainer stopped without a `close`. */
  #begin(envelope: Envelope): OpenFrame {
    this.#open = decodeOpen(envelope, this.#limits)
    this.#frames = 0
    return this.#open
  }
}
