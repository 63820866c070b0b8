import { exitCodes, ThalwegError } from '../error.ts'
import type { Body } from './body.ts'
import type { Head } from './head.ts'
import type { HandlerLimits } from './limits.ts'
import type { Live } from './live.ts'
import { nextHead, savesAfter } from './next-head.ts'
import type { Piece } from './piece.ts'
import { errorLine, Refusal } from './refusal.ts'

/** A piece that is being read. */
interface Posted {
  readonly live: Live
  readonly body: Body
  /** Does something that needs the run's memory, when it is this piece's turn. */
  step<T>(work: () => Promise<T> | T): Promise<T>
  /** The name of its stream, if it begins a stream that joins the run. */
  readonly join: string | undefined
  readonly limits: HandlerLimits
  /** Called before the first chunk is written. */
  begin(): Promise<void>
}

/** The result of a piece. */
export interface Taken {
  /** The new head. Everything that it names is in the store. */
  readonly head: Head
  /** The answer to the piece. */
  readonly text: string
}

/**
 * Writes a piece to the journal and analyses it as it comes in, one chunk at a time.
 *
 * @throws E_PIECE_SIZE, E_RUN_SIZE, E_SLOW, E_ANSWER_SIZE, E_JOIN, E_BUSY
 */
export async function take(before: Head, piece: Piece, posted: Posted): Promise<Taken> {
  const { live, body, step, join, limits, begin } = posted
  // If a state is written after the piece, it includes the piece, so the journal need not.
  const held = live.run && savesAfter(before, body.length, live.run, limits)
  let failure: ThalwegError | undefined
  let bytes = 0
  if (join !== undefined) await step(() => live.join())
  for await (const chunk of body.chunks()) {
    if (bytes === 0) await begin()
    bytes += chunk.length
    if (before.posted + bytes > limits.runBytes) throw tooLong(limits)
    failure = await step(async () => {
      if (!held) await piece.journal.put(chunk)
      return tried(() => live.push(chunk))
    })
    if (failure) break
  }
  return step(async () => {
    if (failure) live.end(failure)
    const text = live.takeText() + (failure ? errorLine(failure.code, failure.message) : '')
    const taken = { piece, bytes, join, live, text, failure, limits }
    return { head: await nextHead(before, taken), text }
  })
}

/**
 * The error, if the stream itself is to blame. Any other error is thrown.
 *
 * @throws E_JOIN if the stream does not belong to the run that it joins
 */
function tried(work: () => void): ThalwegError | undefined {
  try {
    work()
    return undefined
  } catch (error) {
    if (!(error instanceof ThalwegError) || ![65, 78].includes(exitCodes[error.code])) throw error
    if (error.code === 'E_STATE') throw new Refusal('E_JOIN', error.message)
    return error
  }
}

function tooLong({ runBytes }: HandlerLimits): Refusal {
  return new Refusal(
    'E_RUN_SIZE',
    `a run may have ${runBytes} bytes. Delete it, or raise the limit.`
  )
}
