const firstBytes = 1 << 20

/**
 * Shared memory that payloads pass through, first in, first out. It grows, while nothing is in it, to twice what does not
 * fit, but above the limit only as far as it must.
 */
export class Ring {
  readonly #limit: number
  #bytes = new Uint8Array(new SharedArrayBuffer(firstBytes))
  readonly #held: { readonly from: number; readonly to: number }[] = []

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Room for so many bytes; undefined until more is released. */
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

  /** Gives back what was taken first. */
  release(): void {
    this.#held.shift()
  }

  /** Where so many bytes fit, between what is held. */
  #place(length: number, tail = 0, head = 0): number | undefined {
    const isWrapped = this.#held.length > 0 && head <= tail
    if (isWrapped) return head + length <= tail ? head : undefined
    if (head + length <= this.#bytes.length) return head
    return length <= tail ? 0 : undefined
  }
}
