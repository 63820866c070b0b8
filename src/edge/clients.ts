import { Refusal } from './refusal.ts'

/** Counts how many things each client has open at once. */
export class Clients {
  readonly #most: number
  readonly #what: string
  readonly #counts = new Map<string, number>()

  /** @param what what is counted, for the error message */
  constructor(most: number, what: string) {
    this.#most = most
    this.#what = what
  }

  /** @returns a function that releases the place; calling it again has no effect. @throws E_BUSY if the client has too many open */
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

/** Who sent a request: the name that `authorize` gave, or else the credential in its header, or else the run. */
export function clientOf(allowed: true | string, { headers }: Request, run: string): string {
  if (allowed !== true) return `client ${allowed}`
  const credential = headers.get('Authorization')
  return credential === null ? `run ${run}` : `credential ${credential}`
}
