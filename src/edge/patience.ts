/** What a fruitless request costs its client, in addition to a multiple of the work that it caused. */
const fruitlessMs = 1000
const workShare = 50
/** A debt up to this size is forgiven. For a larger debt this is the longest wait. */
const forgivenMs = 2000
const mostMs = 30_000
/** A client counts as present for this long after its last request. */
const hereMs = 2000
const mostKnown = 1024

interface Known {
  /** The time at which the debt, which shrinks with time, is paid. */
  paid: number
  seen: number
  /** Milliseconds of work for the client when its last request began. */
  spent: number
}

/**
 * Slows down clients whose requests are fruitless (no stream, too large a model, a piece that was taken already), so that they
 * take at most a fiftieth of the time from others. If no other client is present, nobody waits.
 */
export class Patience {
  /** The clients, those not seen for longest first. */
  readonly #clients = new Map<string, Known>()
  readonly #spent: (client: string) => number

  /** @param spent milliseconds of work that were done for a client so far */
  constructor(spent: (client: string) => number) {
    this.#spent = spent
  }

  /** Settles when it is time to handle a client's request. */
  async wait(client: string): Promise<void> {
    const own = this.#seen(client)
    own.spent = this.#spent(client)
    const now = performance.now()
    const ms = Math.min(mostMs, own.paid - now - forgivenMs)
    const others = [...this.#clients].some(
      ([name, { paid, seen }]) => name !== client && seen > now - hereMs && paid < own.paid
    )
    if (ms > 0 && others) await new Promise((resolve) => setTimeout(resolve, ms))
  }

  /** Whether a client owes nothing. */
  isEven(client: string): boolean {
    return (this.#clients.get(client)?.paid ?? 0) < performance.now()
  }

  /** Notes a fruitless request. */
  charge(client: string): void {
    const own = this.#seen(client)
    const spent = this.#spent(client)
    const debt = fruitlessMs + workShare * (spent - own.spent)
    own.paid = Math.max(own.paid, performance.now()) + debt
    own.spent = spent
  }

  #seen(client: string): Known {
    const known = this.#clients.get(client) ?? { paid: 0, seen: 0, spent: 0 }
    known.seen = performance.now()
    this.#clients.delete(client)
    this.#clients.set(client, known)
    const [oldest] = this.#clients.keys()
    if (this.#clients.size > mostKnown) this.#clients.delete(oldest!)
    return known
  }
}
