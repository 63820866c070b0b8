/**
 * Keeps what is on its way to asynchronous ends bounded: the producer waits while all credits are out. Each piece of work
 * takes a credit and gives it back when it is done.
 */
export class CreditGate {
  #free: number
  #waiting: (() => void) | undefined

  constructor(credits: number) {
    this.#free = credits
  }

  /** Resolves when a credit is free; for one producer. */
  ready(): Promise<void> {
    if (this.#free > 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Takes a credit, even beyond the last: what is already made must go out. */
  take(): void {
    this.#free--
  }

  give(): void {
    this.#free++
    if (this.#free > 0) {
      this.#waiting?.()
      this.#waiting = undefined
    }
  }
}
