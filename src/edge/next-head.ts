import type { Run } from '../engine/run/run.ts'
import { stateBytes } from '../engine/state/pieces.ts'
import { saveState } from '../engine/state/save.ts'
import type { ThalwegError } from '../error.ts'
import { type Blob, noBytes } from './blob.ts'
import { type Head, type Journalled, journalBytes } from './head.ts'
import type { HandlerLimits } from './limits.ts'
import type { Live } from './live.ts'
import type { Piece } from './piece.ts'

/** How many answers are kept, for pieces that are posted again. */
const keptAnswers = 16
/** After this many pieces a new journal begins, however small they are, because the head lists all of them. */
const mostPieces = 256
const leastStateBytes = 1 << 20

/** A piece that was taken: what it wrote, and the run afterwards. */
interface Taken {
  readonly piece: Piece
  readonly bytes: number
  /** The name of its stream, if it begins a stream that joins the run. */
  readonly join?: string
  readonly live: Live
  /** The answer to it. */
  readonly text: string
  /** The error in it that ended the run. */
  readonly failure?: ThalwegError
  readonly limits: HandlerLimits
}

/**
 * Whether to write the state after a piece of this many bytes. It is written when otherwise as many bytes as the state has would
 * have to be read again. So an instance that stays alive moves at most two bytes for each posted byte, and a new instance reads
 * at most twice the necessary amount.
 */
export function savesAfter(
  head: Head,
  bytes: number,
  run: Run,
  { stateBytes: given }: HandlerLimits
): boolean {
  const again = head.replayed + journalBytes(head) + bytes
  return again >= (given ?? Math.max(leastStateBytes, stateBytes(run.plan)))
}

/** The head after a piece. Everything that it names is in the store by then. */
export async function nextHead(before: Head, taken: Taken): Promise<Head> {
  const { piece, bytes, join, live, text, failure, limits } = taken
  const answer = { status: failure ? 422 : 200, join, blob: await piece.write('a', [text]) }
  const { blob } = piece.journal
  // A run that has just begun has no summaries. Those of the previous run in the store must not outlive it.
  const stale = text !== '' || live.latest.size === 0
  const head: Head = {
    ...before,
    expected: before.expected + 1,
    posted: before.posted + bytes,
    journal: [...before.journal, ...journalled(blob, join !== undefined)],
    answers: [...before.answers, answer].slice(-keptAnswers),
    latest: stale ? await piece.write('l', live.latest.values()) : before.latest,
  }
  if (failure) {
    const ended = { code: failure.code, message: failure.message }
    return { ...head, ended, state: undefined, journal: [] }
  }
  const { run, place } = live
  const stays = blob.bytes === bytes && head.journal.length < mostPieces
  if (!run) {
    const same = stays && place.offset === before.offset
    return same ? head : { ...head, state: undefined, ...(await begun(taken)) }
  }
  if (stays && !savesAfter(before, bytes, run, limits)) return head
  const state = await piece.write('s', saveState(run, piece.name))
  return { ...head, state, ...(await begun(taken)) }
}

/** A journal with nothing but the incomplete frame. */
async function begun({ piece, live }: Taken): Promise<Partial<Head>> {
  const { place, joins, begun } = live
  const blob = await piece.write('r', [begun])
  const { offset, frames = 0 } = place
  return { offset, frames, journal: journalled(blob, joins), replayed: 0 }
}

/** The journal's entry for a piece. An empty piece has no entry, unless a stream joins with it. */
function journalled(blob: Blob | undefined, joins: boolean): Journalled[] {
  return blob?.bytes || joins ? [{ ...noBytes, ...blob, joins }] : []
}
