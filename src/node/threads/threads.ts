import { Observable } from 'rxjs'
import type { ParsedStage, Settings } from '../../engine/settings/settings.ts'
import { Seal } from '../../engine/state/crc32.ts'
import type { AnalysedBlock } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import type { Analyst, AnalystMaker, Loaded } from '../../pipeline/analyst.ts'
import type { Frame } from '../../wire/frame.ts'
import { registry } from '../registry.ts'
import { moduleOf } from '../use.ts'
import { Meeting } from './meeting.ts'
import { bytesIn, placed } from './place.ts'
import { type AssignedStage, packError, type Reply, type Request, unpackError } from './protocol.ts'
import { Ring } from './ring.ts'
import { Thread } from './thread.ts'

/** How many frames may be pending, whatever their size. */
const mostPending = 64

type Done = Extract<Reply, { kind: 'done' }>

/**
 * Analyses each shard in its own worker thread. The stages must ship with the package or come from a module in `use`.
 *
 * @example
 * ```ts
 * await runPipeline({ ...pipeline, source, sinks, threads: true }, { threads: workerThreads })
 * ```
 */
export const workerThreads: AnalystMaker = (settings, halt) => new Threads(settings, halt)

/**
 * The shards of a pipeline's runs, each in its own thread. This thread reads and decodes; a frame's payloads are copied into
 * shared memory once, and every thread takes its part. All threads get the same requests in the same order. The first thread's
 * replies count for all.
 */
class Threads implements Analyst {
  run: Analyst['run']
  readonly #halt: () => void
  readonly #meeting: Meeting
  readonly #threads: readonly Thread[]
  readonly #ring: Ring
  #emit: (block: AnalysedBlock) => void = () => {}
  /** Number of `run` among the runs of the stream. */
  #number = 0
  /** Number of pending frames. */
  #pending = 0
  #wake = () => {}
  #failure: ThalwegError | undefined

  constructor(settings: Settings, halt: () => void) {
    const { stages, ...rest } = settings
    const { shards, limits } = settings
    this.#halt = halt
    this.#meeting = new Meeting(shards)
    this.#ring = new Ring(limits.frameBytes)
    const assignment = {
      shards,
      meeting: this.#meeting.buffer,
      settings: rest,
      stages: stages.map(assigned),
    }
    this.#threads = Array.from(
      { length: shards },
      (_, shard) =>
        new Thread(
          { shard, ...assignment },
          (block) => this.#emit(block),
          () => this.#meeting.break()
        )
    )
  }

  async load(chunks: AsyncIterable<Uint8Array>, join: 'next' | 'earlier'): Promise<Loaded> {
    for await (const bytes of chunks) {
      const chunk = await this.#room(bytes.length)
      chunk.set(bytes)
      await this.#all({ kind: 'load', chunk, join })
      this.#ring.release()
    }
    const { loaded, run } = await this.#all({ kind: 'loaded', join })
    this.#stand(run)
    return loaded!
  }

  blocks(frames: AsyncIterable<Frame>): Observable<AnalysedBlock> {
    return new Observable((subscriber) => {
      this.#emit = (block) => subscriber.next(block)
      this.#feed(frames).then(
        () => subscriber.complete(),
        (error) => subscriber.error(error)
      )
    })
  }

  async settle(): Promise<void> {
    await this.#until(() => this.#pending === 0)
  }

  async *save(host: unknown): AsyncGenerator<Uint8Array> {
    await this.#all({ kind: 'save', host })
    const seal = new Seal()
    for (const thread of this.#threads) {
      for (;;) {
        const reply = await thread.ask({ kind: 'chunk' })
        if (reply.kind !== 'done') throw this.#failed([reply])
        if (!reply.chunk) break
        yield seal.over(reply.chunk)
      }
    }
    yield seal.end()
  }

  async dispose(): Promise<void> {
    this.#meeting.break()
    await Promise.all(this.#threads.map((thread) => thread.end()))
  }

  async #feed(frames: AsyncIterable<Frame>): Promise<void> {
    try {
      for await (const frame of frames) await this.#take(frame)
    } catch (error) {
      await this.#all({ kind: 'end', failure: packError(error) })
      throw error
    }
    await this.#all({ kind: 'end' })
  }

  /** Settles when the frame is sent and its bytes are no longer needed. */
  async #take(frame: Frame): Promise<void> {
    await this.#until(() => this.#pending < mostPending)
    const bytes = bytesIn(frame)
    const request = { kind: 'frame', frame: placed(frame, await this.#room(bytes)) } as const
    const taken = (reply?: Done): void => {
      this.#pending--
      if (bytes > 0) this.#ring.release()
      if (reply) this.#stand(reply.run)
      this.#wake()
    }
    this.#pending++
    // Whoever waits now or next gets the error.
    this.#all(request).then(taken, () => taken())
  }

  async #room(bytes: number): Promise<Uint8Array> {
    if (bytes === 0) return new Uint8Array(0)
    let room: Uint8Array | undefined
    await this.#until(() => {
      room = this.#ring.take(bytes)
      return room !== undefined
    })
    return room!
  }

  /** Waits until the condition holds, and checks it after each reply. @throws the error that occurred in the meantime */
  async #until(holds: () => boolean): Promise<void> {
    for (;;) {
      if (this.#failure) throw this.#failure
      if (holds()) return
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  /** Sends a request to all threads and waits for the replies. */
  async #all(request: Request): Promise<Done> {
    if (this.#failure) throw this.#failure
    const replies = await Promise.all(this.#threads.map((thread) => thread.ask(request)))
    if (!replies.every((reply) => reply.kind === 'done')) throw this.#failed(replies)
    if (this.#failure) throw this.#failure
    return replies[0] as Done
  }

  #stand(run: Done['run']): void {
    if (run?.number === this.#number && this.run) this.run = Object.assign(this.run, run)
    else this.run = run
    this.#number = run?.number ?? this.#number
  }

  /** Records the threads' error: the same one for all, or one of a single thread that is not ours. */
  #failed(replies: readonly Reply[]): ThalwegError {
    if (this.#failure) return this.#failure
    const errors = replies.flatMap((reply) =>
      reply.kind === 'failed' ? [unpackError(reply.error)] : []
    )
    const known = errors.find((error) => error instanceof ThalwegError)
    this.#failure = known ?? new ThalwegError('E_RUN', `a thread failed: ${errors[0]}.`)
    this.#halt()
    return this.#failure
  }
}

/** A stage in the form in which its thread can find it. @throws E_CONFIG if it is in no module */
function assigned({ definition, ...stage }: ParsedStage): AssignedStage {
  const { type } = definition
  const isShipped = registry.stages.some((known) => known.definition === definition)
  const module = moduleOf(definition)
  if (isShipped || module !== undefined) return { ...stage, type, module }
  throw new ThalwegError(
    'E_CONFIG',
    `threads: a thread cannot find stage type "${type}": it neither ships with the package nor comes from a module in "use". Leave out "threads"; the figures are the same.`
  )
}
