import type { RunPlan } from '../engine/planning/plan.ts'
import type { Run } from '../engine/run/run.ts'
import { Runs } from '../engine/run/runs.ts'
import type { Settings } from '../engine/settings/settings.ts'
import { type Share, wholeRun } from '../engine/shards/drive.ts'
import { StateLoader } from '../engine/state/load.ts'
import { type AnalysedBlock, type Summary, summaryLine } from '../engine/summary.ts'
import { ThalwegError } from '../error.ts'
import { FrameReader } from '../wire/reader.ts'
import type { StreamPlace } from '../wire/run-state.ts'
import { readBlob, textOf } from './blob.ts'
import type { Head } from './head.ts'
import { Refusal } from './refusal.ts'
import type { Store } from './store.ts'

/** Memory that a run takes in addition to its planned memory, and in addition to that for each of its tensors. */
const liveBytes = 2 ** 18
const tensorBytes = 512

/** A run in this instance's memory. It reads the next bytes of the stream and collects the resulting summaries. */
export class Live {
  /** The summaries since the last `takeText`, one per line. */
  #text = ''
  /** The newest summary of each stage, scope and member, one line each. */
  readonly latest = new Map<string, string>()
  readonly #answerBytes: number
  readonly #share: Share
  readonly #runs: Runs
  readonly #limits: Settings['limits']
  #reader: FrameReader
  #replaying = false

  /** @param reserve makes room for this many bytes before a run takes them */
  constructor(settings: Settings, answerBytes: number, reserve: (bytes: number) => void) {
    this.#answerBytes = answerBytes
    this.#share = { ...wholeRun, admit: (plan) => reserve(bytesOf(plan)) }
    this.#runs = new Runs(settings, (block) => this.#emit(block), this.#share)
    this.#limits = settings.limits
    this.#reader = new FrameReader(settings.limits)
  }

  /** The current run of the stream. */
  get run(): Run | undefined {
    return this.#runs.current
  }

  /** How many bytes of memory it holds. */
  get bytes(): number {
    return this.#reader.begun.length + (this.run ? bytesOf(this.run.plan) : liveBytes)
  }

  /** The place in the stream after the last whole frame. */
  get place(): StreamPlace {
    return this.#reader.place
  }

  /** Whether a stream joins the run and its `open` has not come yet. */
  get joins(): boolean {
    return this.#runs.joins
  }

  /** The bytes of the next frame so far. */
  get begun(): Uint8Array {
    return this.#reader.begun
  }

  /** Restores a run: loads its last state, then reads its journal. */
  async load(store: Store, head: Head): Promise<void> {
    this.#replaying = true
    const name = head.run
    try {
      this.#keep(await textOf(store, name, head.latest))
      if (head.state) {
        const emit = (block: AnalysedBlock) => this.#emit(block)
        const loader = new StateLoader(this.#runs.settings, emit, 'next', this.#share)
        for await (const chunk of readBlob(store, name, head.state)) loader.push(chunk)
        this.#runs.resume(loader.finish(), 'next')
        // A state ends with its checksum, so a checksum over the whole state is the same for all states of this length.
        if (head.state.name !== `s-${loader.host}`) {
          throw new Refusal(
            'E_STATE',
            `the state of run "${name}" is not the one that was written last. Delete the run and post it again.`
          )
        }
      }
      const { offset, frames } = head
      this.#reader = new FrameReader(this.#limits, { offset, frames, open: this.run?.plan.open })
      for (const blob of head.journal) {
        if (blob.joins) this.join()
        for await (const chunk of readBlob(store, name, blob)) this.push(chunk)
      }
    } catch (error) {
      if (!(error instanceof ThalwegError) || error.code === 'E_STATE') throw error
      throw new Refusal('E_STATE', `the journal of run "${name}" does not replay: ${error.message}`)
    } finally {
      this.#replaying = false
    }
  }

  /** Continues the open run, if there is one, with another stream. A frame that was incomplete in the old stream is dropped. */
  join(): void {
    this.#reader = new FrameReader(this.#limits)
    this.#runs.join()
  }

  /** Takes the next bytes of the stream. @throws ThalwegError if the stream has an error; then call `end` with it */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#reader.push(bytes)
    for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
      if (frame.kind === 'open' && !this.joins) this.latest.clear()
      this.#runs.take(frame)
    }
  }

  /** Ends the open run, if there is one, because of an error or because no more bytes come. */
  end(failure?: ThalwegError): void {
    this.#runs.end(failure)
  }

  /** The summaries since the last call, one per line. */
  takeText(): string {
    const text = this.#text
    this.#text = ''
    return text
  }

  #emit({ summaries }: AnalysedBlock): void {
    for (const summary of summaries) {
      const line = `${summaryLine(summary)}\n`
      this.latest.set(keyOf(summary), line)
      if (this.#replaying) continue
      this.#text += line
      if (this.#text.length > this.#answerBytes) {
        throw new Refusal(
          'E_ANSWER_SIZE',
          `this piece makes more than ${this.#answerBytes} bytes of summaries. Post smaller pieces.`
        )
      }
    }
  }

  #keep(text: string): void {
    for (const line of text.split('\n').slice(0, -1)) {
      this.latest.set(keyOf(JSON.parse(line) as Summary), `${line}\n`)
    }
  }
}

const bytesOf = ({ bytes, open }: RunPlan): number =>
  liveBytes + bytes + tensorBytes * open.tensors.length

const keyOf = ({ stage, scope, member }: Summary): string => `${stage} ${scope} ${member}`
