import { ThalwegError } from '../error.ts'
import type { Frame, OpenFrame } from './frame.ts'

export const twoWriters =
  'Do two programs write into one pipe? Let one of them write (rank 0), or give each a pipe of its own.'

/**
 * Watches a run whose `open` came inside another run. A trainer that was started again writes such a one, and its steps grow.
 * Two programs that write into one pipe do too, and then every step comes twice.
 */
export class TwoWriters {
  /** By kind and member: the last step that came whole, or that an anchor of the member announced. */
  readonly #steps = new Map<string, number>()

  /** @throws E_OPEN for a step that comes again, or back without an anchor */
  take(frame: Exclude<Frame, OpenFrame>): void {
    if (frame.kind !== 'anchor' && frame.kind !== 'delta') return
    const { kind, member, step, offset, more } = frame
    const key = `${kind}/${member}`
    const last = this.#steps.get(key)
    if (last !== undefined && (kind === 'anchor' ? step === last : step <= last)) {
      throw new ThalwegError(
        'E_OPEN',
        `${kind}: step ${step} of member ${member} comes after step ${last}, in a run whose "open" came inside another run. ${twoWriters}`,
        { offset }
      )
    }
    if (more) return
    this.#steps.set(key, step)
    // An anchor may go back, and the deltas after it; and then there may be another one.
    if (kind === 'anchor') this.#steps.set(`delta/${member}`, step)
    else this.#steps.delete(`anchor/${member}`)
  }
}
