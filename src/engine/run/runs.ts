import { ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import type { Frame, OpenFrame } from '../../wire/frame.ts'
import type { Settings } from '../settings/settings.ts'
import { type Share, wholeRun } from '../shards/drive.ts'
import type { AnalysedBlock } from '../summary.ts'
import { Run } from './run.ts'

/** The runs of a stream, one after another. A run begins at its `open` and ends at its `close`. */
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

  /** The run that is open. */
  get current(): Run | undefined {
    return this.#run
  }

  /**
   * Continues a loaded run.
   *
   * @param join the value that the run was loaded with; if the stream begins earlier, its `open` comes again
   */
  resume(run: Run, join: 'next' | 'earlier'): void {
    this.#run = run
    this.#reopens = join === 'earlier'
  }

  /** Continues the open run, if any, with another stream that begins with the same `open`. */
  join(): void {
    this.#run?.intake.join()
    this.#reopens = this.#run !== undefined
  }

  /** Whether the stream joins a run and its `open` is still to come. */
  get joins(): boolean {
    return this.#reopens
  }

  /** Takes the next frame. If it throws, pass the error to `end`. */
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

  /** Ends the open run, if any, after an error or when no more frames come. */
  end(failure?: unknown): void {
    const known = failure === undefined || failure instanceof ThalwegError
    this.#run?.end(known ? failure : new ThalwegError('E_RUN', String(failure), { cause: failure }))
    this.#run = undefined
  }
}

/** @throws E_STATE when a stream does not belong to the run that continues */
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
