import { Refusal } from './refusal.ts'
import { type Host, Session } from './session.ts'

interface Entry {
  readonly session: Session
  /** Settles when the last request for this run is done. */
  last: Promise<unknown>
  requests: number
}

/** The runs that this instance is working on, or still holds in memory. */
export class Sessions {
  readonly #host: Host
  /** The runs, those not used for longest first. */
  readonly #entries = new Map<string, Entry>()

  constructor(host: Omit<Host, 'reserve'>) {
    this.#host = { ...host, reserve: (bytes, session) => this.#reserve(bytes, session) }
  }

  /** Does a piece of work on a run after the earlier ones are done. @throws E_BUSY */
  async use<T>(run: string, work: (session: Session) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(run) ?? {
      session: new Session(run, this.#host),
      last: Promise.resolve(),
      requests: 0,
    }
    if (entry.requests > this.#host.limits.waiting) {
      throw new Refusal('E_BUSY', `${entry.requests} requests wait for run "${run}". Try again.`)
    }
    this.#entries.delete(run)
    this.#entries.set(run, entry)
    entry.requests++
    const done = entry.last.then(() => work(entry.session))
    entry.last = done.catch(() => {})
    try {
      return await done
    } finally {
      entry.requests--
      if (entry.requests === 0 && entry.session.bytes === 0) this.#entries.delete(run)
    }
  }

  /** Makes room for a session: for this many more bytes, or, if 0, for the bytes that it holds when it is done. */
  #reserve(bytes: number, own: Session): void {
    const { limits, settings } = this.#host
    const most = limits.runs * settings.memory.max
    let held = bytes
    for (const { session } of this.#entries.values()) {
      if (session !== own || bytes === 0) held += session.bytes
    }
    if (held <= most) return
    const others = [...this.#entries].filter(
      ([, { session }]) => session !== own && !session.isAtWork && session.bytes > 0
    )
    // A new run may be anything, so it goes first. A known run that nobody uses now can be loaded again without loss.
    const rank = ({ session, requests }: Entry): number =>
      session.begins ? 0 : requests === 0 ? 1 : 2
    for (const [run, entry] of others.sort(([, a], [, b]) => rank(a) - rank(b))) {
      if (held <= most) return
      held -= entry.session.bytes
      entry.session.drop()
      if (entry.requests === 0) this.#entries.delete(run)
    }
  }
}
