import { Refusal } from './refusal.ts'

/** What each client has open at once, counted by whatever names it. */
export class Clients {
  readonly #most: number
  readonly #what: string
  readonly #counts = new Map<string, number>()

  /** @param what it is that is counted, in an error */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** @returns lets go, once. @throws E_BUSY for one too many */
  enter(client: string): () => void {
    const count = this.#counts.get(client) ?? 0
    if (count >= this.#most) {
      throw new Refusal('E_BUSY', `${count} ${this.#what} of this client are open here. Try again.`)
    }
    this.#counts.set(client, count + 1)
    let isOpen = true
    return () => {
      if (!isOpen) return
      isOpen = false
      const left = this.#counts.get(client)! - 1
      if (left > 0) this.#counts.set(client, left)
      else this.#counts.delete(client)
    }
  }
}

/** Who a request is from: as `authorize` says, else by the credential that it bears; where it bears none, by its run. */
export function clientOf(allowed: true | string, { headers }: Request, run: string): string {
  if (allowed !== true) return `client ${allowed}`
  const credential = headers.get('Authorization')
  return credential === null ? `run ${run}` : `credential ${credential}`
}
