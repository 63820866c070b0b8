import { Refusal } from './refusal.ts'
import { type Host, Session } from './session.ts'

interface Entry {
  readonly session: Session
  /** Settles when the last request that asked for it is done. */
  last: Promise<unknown>
  requests: number
}

/** The runs that this instance is at work on, or still holds in memory. */
export class Sessions {
  readonly #host: Host
  /** The one that was used longest ago comes first. */
  readonly #entries = new Map<string, Entry>()

  constructor(host: Omit<Host, 'makeRoom'>) {
    this.#host = { ...host, makeRoom: () => this.#makeRoom() }
  }

  /** Does a piece of work on a run when those that came before are done. @throws E_BUSY */
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
      if (entry.requests === 0 && !entry.session.isLive) this.#entries.delete(run)
    }
  }

  #makeRoom(): void {
    const live = [...this.#entries].filter(([, { session }]) => session.isLive)
    if (live.length < this.#host.limits.runs) return
    const idle = live.find(([, { requests }]) => requests === 0)
    if (!idle) {
      throw new Refusal(
        'E_BUSY',
        `this instance is at work on ${live.length} runs and holds no more. Try again.`
      )
    }
    idle[1].session.drop()
    this.#entries.delete(idle[0])
  }
}
