const firstBytes = 1 << 20

/**
 * Shared memory through which payloads pass, first in, first out. If something does not fit, it grows to twice that size, once it
 * is empty. Above the limit it grows only as far as necessary.
 */
export class Ring {
  readonly #limit: number
  #bytes = new Uint8Array(new SharedArrayBuffer(firstBytes))
  readonly #held: { readonly from: number; readonly to: number }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Room for this many bytes. Undefined until more is released. */
  take(length: number): Uint8Array | undefined {
    const [first] = this.#held
    if (!first && length > this.#bytes.length) {
      const bytes = Math.max(length, Math.min(2 * length, this.#limit))
      this.#bytes = new Uint8Array(new SharedArrayBuffer(bytes))
    }
    const from = this.#place(length, first?.from, this.#held.at(-1)?.to)
    if (from === undefined) return undefined
    this.#held.push({ from, to: from + length })
    return this.#bytes.subarray(from, from + length)
  }

  /** Releases what was taken first. */
  release(): void {
    this.#held.shift()
  }

  /** Finds where this many bytes fit beside what is in use. */
  #place(length: number, tail = 0, head = 0): number | undefined {
    const isWrapped = this.#held.length > 0 && head <= tail
    if (isWrapped) return head + length <= tail ? head : undefined
    if (head + length <= this.#bytes.length) return head
    return length <= tail ? 0 : undefined
  }
}
