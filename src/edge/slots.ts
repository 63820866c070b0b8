/** A piece at work, as it sees the others. */
export interface Slot {
  /** Whether another request waits for its place. */
  readonly isWanted: boolean
}

interface Waiting {
  readonly client: string
  readonly goesOn: boolean
  readonly begin: () => void
}

/** Clients whose last turn is known. */
const mostKnown = 1024

/**
 * Who may analyse: so many requests at once. Of those that wait, runs that go on come before runs that begin, since what
 * begins may be anything; among these the client whose last turn was longest ago.
 */
export class Slots {
  #free: number
  readonly #waiting: Waiting[] = []
  /** Number of each client's last turn, the oldest first. */
  readonly #turns = new Map<string, number>()
  #turn = 0

  constructor(count: number) {
    this.#free = count
  }

  /** Does a piece of work when a place is free. */
  async use<T>(client: string, goesOn: boolean, work: (slot: Slot) => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((begin) => this.#waiting.push({ client, goesOn, begin }))
    this.#turns.delete(client)
    this.#turns.set(client, ++this.#turn)
    for (const known of this.#turns.keys()) {
      if (this.#turns.size <= mostKnown) break
      this.#turns.delete(known)
    }
    const waiting = this.#waiting
    try {
      return await work({
        get isWanted() {
          return waiting.length > 0
        },
      })
    } finally {
      const next = this.#next()
      if (next) next.begin()
      else this.#free++
    }
  }

  #next(): Waiting | undefined {
    const rank = ({ client, goesOn }: Waiting): number =>
      (this.#turns.get(client) ?? 0) - (goesOn ? Number.MAX_SAFE_INTEGER : 0)
    let best = 0
    for (let i = 1; i < this.#waiting.length; i++) {
      if (rank(this.#waiting[i]!) < rank(this.#waiting[best]!)) best = i
    }
    return this.#waiting.splice(best, 1)[0]
  }
}
