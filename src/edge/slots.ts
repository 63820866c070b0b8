interface Waiting {
  readonly client: string
  readonly goesOn: boolean
  readonly begin: () => void
}

/** Clients whose last turn is known. */
const mostKnown = 1024

/** A piece that comes in: bytes that came so short a time ago are followed by more at once. */
const flowMs = 50
/** The longest that what begins is held back by pieces that come in, and how often it looks. */
const heldBackMs = 1000
const lookMs = 5

/**
 * Who may analyse: so many steps of pieces at once; nobody waits for a client's bytes meanwhile. Of steps that wait, those
 * of runs that go on come before those of runs that begin, since what begins may be anything; among these the client
 * whose last turn was longest ago.
 */
export class Slots {
  #free: number
  readonly #waiting: Waiting[] = []
  /** Of each client the number of its last turn, and the milliseconds that all took; the oldest first. */
  readonly #turns = new Map<string, { turn: number; spent: number }>()
  #turn = 0
  /** When bytes last came of a piece of a run that goes on. */
  #flowed = -Infinity

  constructor(count: number) {
    this.#free = count
  }

  /** Milliseconds that a client's steps have taken so far. */
  spent(client: string): number {
    return this.#turns.get(client)?.spent ?? 0
  }

  /** Takes note of bytes that came of a piece of a run that goes on. */
  flows(): void {
    this.#flowed = performance.now()
  }

  /** Does a step when it is its turn. */
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
      // What else has come meanwhile is looked at first: it may go before.
      if (next) setTimeout(next.begin, 0)
      else this.#free++
    }
  }

  /** Settles when no piece of a run that goes on is coming in, or after a while. */
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
