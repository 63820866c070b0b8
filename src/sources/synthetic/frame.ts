import type { Random } from '../../node/train/random.ts'

/**
 * Tangent vectors that are kept orthonormal. After every step V = QR by modified Gram-Schmidt; Q replaces V, and the factors R
 * are multiplied until their product is taken.
 */
export class Frame {
  readonly vectors: readonly Float64Array[]
  /** The product of the triangular factors since it was last taken, by rows. */
  #factor: Float64Array
  readonly #k: number

  /** Begins with k random orthonormal vectors of n dimensions. */
  constructor(n: number, k: number, random: Random) {
    this.#k = k
    this.vectors = Array.from({ length: k }, () =>
      Float64Array.from({ length: n }, () => random.normal())
    )
    this.#factor = identity(k)
    this.orthonormalise()
    this.takeFactor()
  }

  orthonormalise(): void {
    const { vectors } = this
    const k = this.#k
    const r = new Float64Array(k * k)
    for (let j = 0; j < k; j++) {
      const v = vectors[j]!
      for (let i = 0; i < j; i++) {
        const q = vectors[i]!
        const along = dot(q, v)
        r[i * k + j] = along
        for (let a = 0; a < v.length; a++) v[a]! -= along * q[a]!
      }
      const norm = Math.sqrt(dot(v, v))
      r[j * k + j] = norm
      for (let a = 0; a < v.length; a++) v[a]! /= norm
    }
    const product = new Float64Array(k * k)
    for (let i = 0; i < k; i++) {
      for (let j = i; j < k; j++) {
        for (let m = i; m <= j; m++) product[i * k + j]! += r[i * k + m]! * this.#factor[m * k + j]!
      }
    }
    this.#factor = product
  }

  takeFactor(): Float64Array {
    const factor = this.#factor
    this.#factor = identity(this.#k)
    return factor
  }
}

function identity(k: number): Float64Array {
  return Float64Array.from({ length: k * k }, (_, i) => Number(i % (k + 1) === 0))
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
