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

/** What a run takes beside its planned memory, and beside that for each of its tensors. */
const liveBytes = 2 ** 18
const tensorBytes = 512

/** A run in this instance's memory: reads on in its stream and collects what comes of it. */
export class Live {
  /** Summaries since `takeText`, one a line. */
  #text = ''
  /** The newest summary of each stage, scope and member, each a line. */
  readonly latest = new Map<string, string>()
  readonly #answerBytes: number
  readonly #share: Share
  readonly #runs: Runs
  readonly #limits: Settings['limits']
  #reader: FrameReader
  #replaying = false

  /** @param reserve makes room for so many bytes before a run takes them */
  constructor(settings: Settings, answerBytes: number, reserve: (bytes: number) => void) {
    this.#answerBytes = answerBytes
    this.#share = { ...wholeRun, admit: (plan) => reserve(bytesOf(plan)) }
    this.#runs = new Runs(settings, (block) => this.#emit(block), this.#share)
    this.#limits = settings.limits
    this.#reader = new FrameReader(settings.limits)
  }

  /** The run that the stream stands in. */
  get run(): Run | undefined {
    return this.#runs.current
  }

  /** Bytes of memory that it holds. */
  get bytes(): number {
    return this.#reader.begun.length + (this.run ? bytesOf(this.run.plan) : liveBytes)
  }

  /** Place in the stream after the last whole frame. */
  get place(): StreamPlace {
    return this.#reader.place
  }

  /** Whether a stream that joins the run has not come to its `open` yet. */
  get joins(): boolean {
    return this.#runs.joins
  }

  /** What has come of the next frame. */
  get begun(): Uint8Array {
    return this.#reader.begun
  }

  /** Takes up a run where it was left: its last state, then its journal. */
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
        // A state ends with its checksum, so that the checksum of all of it is the same for any state of this length.
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

  /** Goes on with the run, if one is open, in another stream; the frame that had begun in this one is forgotten. */
  join(): void {
    this.#reader = new FrameReader(this.#limits)
    this.#runs.join()
  }

  /** Takes the next bytes of the stream. @throws ThalwegError for what they hold; then `end` with it */
  push(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#reader.push(bytes)
    for (let frame = this.#reader.next(); frame; frame = this.#reader.next()) {
      if (frame.kind === 'open' && !this.joins) this.latest.clear()
      this.#runs.take(frame)
    }
  }

  /** Ends the run that is open, if any, because of an error or because no more bytes come. */
  end(failure?: ThalwegError): void {
    this.#runs.end(failure)
  }

  /** The summaries that have come since the last call, one a line. */
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
