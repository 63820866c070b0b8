/** Random numbers determined by a seed and the number of a stream: sfc32 (Doty-Humphrey, PractRand). */
export class Random {
  #a: number
  #b: number
  #c = 0x9e3779b9
  #counter = 1

  constructor(seed: number, stream = 0) {
    this.#a = seed | 0
    this.#b = stream | 0
    for (let i = 0; i < 15; i++) this.#next()
  }

  /** Uniform in [0, 1), with 53 bits. */
  uniform(): number {
    const high = this.#next() >>> 5
    return (high * 2 ** 26 + (this.#next() >>> 6)) * 2 ** -53
  }

  /** Normal with mean 0 and variance 1 (Box-Muller). */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()))
    return radius * Math.cos(2 * Math.PI * this.uniform())
  }

  /** The numbers below n in random order (Fisher-Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = Math.floor(this.uniform() * (i + 1))
      const held = order[i]!
      order[i] = order[j]!
      order[j] = held
    }
    return order
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0
    return sum
  }
}
