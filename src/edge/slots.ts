interface Waiting {
  readonly client: string
  readonly goesOn: boolean
  readonly begin: () => void
}

/** For how many clients the last turn is remembered. */
const mostKnown = 1024

/** A piece counts as still coming in for this long after its last bytes. */
const flowMs = 50
/** The longest time for which incoming pieces may hold back a new run, and how often the new run checks. */
const heldBackMs = 1000
const lookMs = 5

/**
 * Decides whose piece is analysed next. A fixed number of steps run at once, and no step waits for a client's bytes. Steps of
 * known runs come before steps of new runs, because a new run may be anything. Otherwise the client whose last turn was longest
 * ago comes first.
 */
export class Slots {
  #free: number
  readonly #waiting: Waiting[] = []
  /** For each client, the number of its last turn and the milliseconds of all its turns; the oldest turn first. */
  readonly #turns = new Map<string, { turn: number; spent: number }>()
  #turn = 0
  /** When the last bytes of a known run's piece came. */
  #flowed = -Infinity

  constructor(count: number) {
    this.#free = count
  }

  /** Milliseconds that a client's steps have taken so far. */
  spent(client: string): number {
    return this.#turns.get(client)?.spent ?? 0
  }

  /** Notes that bytes of a known run's piece came. */
  flows(): void {
    this.#flowed = performance.now()
  }

  /** Does a step when its turn comes. */
  async use<T>(client: string, goesOn: boolean, step: () => Promise<T> | T): Promise<T> {
    if (!goesOn) await this.#quiet()
    if (this.#free > 0) this.#free--
    else await new Promise<void>((begin) => this.#waiting.push({ client, goesOn, begin }))
    const began = performance.now()
    const spent = this.spent(client)
    this.#note(client, spent)
    try {
      return await step()
    } finally {
      this.#note(client, spent + performance.now() - began)
      const next = this.#next()
      // Requests that came in the meantime are handled first, because one of them may have precedence.
      if (next) setTimeout(next.begin, 0)
      else this.#free++
    }
  }

  /** Settles when no piece of a known run is coming in, or after a while. */
  async #quiet(): Promise<void> {
    for (const began = performance.now(); ; ) {
      const now = performance.now()
      if (now - this.#flowed > flowMs || now - began > heldBackMs) return
      await new Promise((resolve) => setTimeout(resolve, lookMs))
    }
  }

  #note(client: string, spent: number): void {
    this.#turns.delete(client)
    this.#turns.set(client, { turn: ++this.#turn, spent })
    const [oldest] = this.#turns.keys()
    if (this.#turns.size > mostKnown) this.#turns.delete(oldest!)
  }

  #next(): Waiting | undefined {
    const rank = ({ client, goesOn }: Waiting): number =>
      (this.#turns.get(client)?.turn ?? 0) - (goesOn ? Number.MAX_SAFE_INTEGER : 0)
    let best = 0
    for (let i = 1; i < this.#waiting.length; i++) {
      if (rank(this.#waiting[i]!) < rank(this.#waiting[best]!)) best = i
    }
    return this.#waiting.splice(best, 1)[0]
  }
}
