/**
 * Limits how much work is pending at asynchronous sinks. Each piece of work takes a credit and gives it back when it is done;
 * while no credit is left, the producer waits.
 */
export class CreditGate {
  #free: number
  #waiting: (() => void) | undefined

  constructor(credits: number) {
    this.#free = credits
  }

  /** Resolves when a credit is free. Only one producer may wait. */
  ready(): Promise<void> {
    if (this.#free > 0) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting = resolve
    })
  }

  /** Takes a credit even if none is left, because results that exist already must be written. */
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
