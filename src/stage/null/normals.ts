import { log, sinCos } from '../../kernels/math.ts'
import { mix } from '../../kernels/mix.ts'

const side = 64

/** Box and Muller's radii and cosines, each at the midpoints of 64 equal parts. The radii are scaled to a variance of 1. */
const cosines = Float64Array.from(
  { length: side },
  (_, i) => sinCos((2 * Math.PI * (i + 0.5)) / side)[1]
)
const squares = Float64Array.from({ length: side }, (_, i) => -2 * log((i + 0.5) / side))
const variance = squares.reduce((sum, square) => sum + square, 0) / (2 * side)
const radii = squares.map((square) => Math.sqrt(square / variance))

/**
 * Random numbers with 4,096 possible values. They are cheap to draw, and as good as normal if many are summed. They depend only on
 * their key, so they are the same wherever and whenever they are drawn.
 */
export class Normals {
  readonly #key: number
  #count = 0
  #word = 0

  constructor(...key: readonly number[]) {
    this.#key = key.reduce((mixed, word) => mix(mixed ^ mix(word + 1)), 0)
  }

  next(): number {
    const isSecond = this.#count % 2 === 1
    if (!isSecond) this.#word = mix(this.#key + Math.imul(this.#count, 0x9e3779b9))
    this.#count++
    const bits = isSecond ? this.#word >>> 20 : this.#word
    return radii[bits & 63]! * cosines[(bits >>> 6) & 63]!
  }

  /** A chi-square variable with `freedom` degrees of freedom, a real number, by its cube root (Wilson and Hilferty 1931). */
  chiSquare(freedom: number): number {
    const spread = 2 / (9 * freedom)
    const root = 1 - spread + Math.sqrt(spread) * this.next()
    return root > 0 ? freedom * root * root * root : 0
  }
}
