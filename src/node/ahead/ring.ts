/** Larger rings gain nothing that can be measured, smaller ones less. */
const ringBytes = 1 << 20

/** No piece is larger. Two pieces are in use at a time, so half of the ring stays free for what comes. */
const pieceBytes = ringBytes >> 2

/** Indices in the control block: how many bytes were written and freed since the start, modulo 2³². */
const written = 0
const freed = 1
const controlBytes = 8

/** Shared memory through which bytes pass from the thread that writes them to the thread that takes them, first in, first out. */
export class ByteRing {
  readonly buffer: SharedArrayBuffer
  readonly #control: Int32Array
  readonly #bytes: Uint8Array
  #taken = 0
  #takenBefore = 0
  #isOver = false

  /** @param buffer the buffer of the other thread's ring; without it a new one is made */
  constructor(buffer = new SharedArrayBuffer(controlBytes + ringBytes)) {
    this.buffer = buffer
    this.#control = new Int32Array(buffer, 0, controlBytes / 4)
    this.#bytes = new Uint8Array(buffer, controlBytes)
  }

  /** Room for at least one byte. If the ring is full, the writing thread blocks until something is freed. */
  room(): Uint8Array {
    for (;;) {
      const before = Atomics.load(this.#control, freed)
      const head = Atomics.load(this.#control, written)
      const free = ringBytes - modulo(head - before)
      if (free > 0) return this.#part(head, free)
      Atomics.wait(this.#control, freed, before)
    }
  }

  /** Says that the first bytes of `room()` are written. */
  wrote(length: number): void {
    Atomics.add(this.#control, written, length)
    Atomics.notify(this.#control, written)
  }

  /** The next bytes, as soon as there are some. They are valid until the next call but one. Undefined after the last. */
  async take(): Promise<Uint8Array | undefined> {
    Atomics.store(this.#control, freed, this.#takenBefore)
    Atomics.notify(this.#control, freed)
    this.#takenBefore = this.#taken
    for (;;) {
      const head = Atomics.load(this.#control, written)
      const length = modulo(head - this.#taken)
      if (length > 0) {
        const piece = this.#part(this.#taken, Math.min(length, pieceBytes))
        this.#taken = (this.#taken + piece.length) | 0
        return piece
      }
      if (this.#isOver) return undefined
      await Atomics.waitAsync(this.#control, written, head).value
    }
  }

  /** The taking thread says that no more bytes will be written. */
  end(): void {
    this.#isOver = true
    Atomics.notify(this.#control, written)
  }

  /** The bytes from here on, at most as many as this and as are left before the end of the ring. */
  #part(from: number, most: number): Uint8Array {
    const at = modulo(from) % ringBytes
    return this.#bytes.subarray(at, Math.min(at + most, ringBytes))
  }
}

/** A count, which is kept as a signed number, modulo 2³². */
const modulo = (count: number): number => count >>> 0
