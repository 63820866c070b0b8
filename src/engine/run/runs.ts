import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import type { Frame, OpenFrame } from '../../wire/frame.ts'
import type { Settings } from '../settings/settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import type { AnalysedBlock } from '../summary.ts'
import { Run } from './run.ts'

/** The runs of a stream, one after another: begins one at each `open`, ends it at its `close`. */
export class Runs {
  readonly settings: Settings
  readonly #emit: (block: AnalysedBlock) => void
  readonly #share: Share
  #run: Run | undefined
  #reopens = false

  constructor(settings: Settings, emit: (block: AnalysedBlock) => void, share: Share = wholeRun) {
    this.settings = settings
    this.#emit = emit
    this.#share = share
  }

  /** The run that the stream stands in. */
  get current(): Run | undefined {
    return this.#run
  }

  /**
   * Goes on with a run that was loaded.
   *
   * @param join as it was loaded: where the stream begins earlier, its `open` comes again
   */
  resume(run: Run, join: 'next' | 'earlier'): void {
    this.#run = run
    this.#reopens = join === 'earlier'
  }

  /** Goes on with the run that is open, if any, in another stream, which begins with the same `open`. */
  join(): void {
    this.#run?.intake.join()
    this.#reopens = this.#run !== undefined
  }

  /** Whether the `open` of a stream that joins a run is still to come. */
  get joins(): boolean {
    return this.#reopens
  }

  /** Takes the next frame. After an error, `end` with it. */
  take(frame: Frame): void {
    if (frame.kind === 'open') {
      if (this.#reopens) {
        this.#reopens = false
        checkSame(this.#run!.plan.open, frame)
        return
      }
      const isInside = this.#run !== undefined
      this.end()
      this.#run = new Run(frame, this.settings, this.#emit, this.#share)
      if (isInside) this.#run.intake.beginInside()
      return
    }
    if (!this.#run) {
      throw new ThalwegError(
        'E_OPEN',
        `a ${frame.kind} frame comes before "open". Send "open" first.`,
        { offset: frame.offset }
      )
    }
    this.#run.push(frame)
    if (frame.kind === 'close') this.end()
  }

  /** Ends the run that is open, if any, because of an error or because no frame follows. */
  end(failure?: unknown): void {
    const known = failure === undefined || failure instanceof ThalwegError
    this.#run?.end(known ? failure : new ThalwegError('E_RUN', String(failure), { cause: failure }))
    this.#run = undefined
  }
}

/** @throws E_STATE when a stream is not of the run that goes on */
function checkSame(saved: OpenFrame, { run, tensors, members }: OpenFrame): void {
  const differs = (what: string, got: string, expected: string) => {
    const message = `the saved state is of another run: ${what} is ${got}, expected ${expected}. Give the stream of run ${quoted(saved.run)}, or start a new run.`
    return new ThalwegError('E_STATE', message)
  }
  if (run !== saved.run) throw differs('"run"', JSON.stringify(run), JSON.stringify(saved.run))
  if (members !== saved.members) throw differs('"members"', `${members}`, `${saved.members}`)
  if (tensors.length !== saved.tensors.length) {
    throw differs('the number of tensors', `${tensors.length}`, `${saved.tensors.length}`)
  }
  saved.tensors.forEach((tensor, i) => {
    const [got, expected] = [tensors[i]!, tensor].map(({ name, shape, dtype, fold }) =>
      JSON.stringify([name, shape, dtype, fold])
    ) as [string, string]
    if (got !== expected) throw differs(`tensors[${i}]`, got, expected)
  })
}
