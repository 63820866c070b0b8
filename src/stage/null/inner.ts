import { cholesky } from '../../linalg/cholesky.ts'
import { addProduct } from '../../linalg/matrix.ts'
import type { RowClass } from './classes.ts'
import type { Normals } from './normals.ts'
import { lags } from './statistics.ts'
import type { StratumSteps } from './strata.ts'

/**
 * The inner products of the columns that one walk keeps of one class of rows. Rows of like variance can be turned into each
 * other, so distances and angles are all that a walk is: its columns are held by their Gram matrix, and fresh ones are drawn
 * by their products with these and by a Wishart matrix (Bartlett 1933) for the rest, whatever the number of rows.
 *
 * `kept` are the products of [B h p m], k x k by rows: directions, the lasting parts of the last four steps (newest first)
 * and what else the caller keeps. Those of [B h' p m X], X the block's steps, are written to `joined`, `k + length` wide.
 */
export class InnerProducts {
  readonly #size: number
  readonly #from: number
  readonly #root: Float64Array
  readonly #drawn: Float64Array
  readonly #cross: Float64Array
  /** A matrix turned over, for products by rows. */
  readonly #over: Float64Array
  readonly #own: Float64Array
  readonly #basis: Float64Array
  readonly #half: Float64Array

  /** @param size k; @param from where h begins; @param block most steps of a block */
  constructor(size: number, from: number, block: number) {
    const fresh = 2 * block
    this.#size = size
    this.#from = from
    this.#root = new Float64Array(size * size)
    this.#drawn = new Float64Array((size + fresh) * fresh)
    this.#over = new Float64Array((size + fresh) * Math.max(size, fresh))
    this.#cross = new Float64Array(size * fresh)
    this.#own = new Float64Array(fresh * fresh)
    this.#basis = new Float64Array((size + fresh) * (lags + fresh))
    this.#half = new Float64Array((size + fresh) * (lags + block))
  }

  join(
    kept: Float64Array,
    { made, fresh, norms }: StratumSteps,
    { rows, share }: RowClass,
    normals: Normals,
    joined: Float64Array
  ): void {
    this.#draw(kept, fresh, rows, normals)
    const size = this.#size
    const from = this.#from
    const length = norms.length
    const width = lags + length
    const scale = Math.sqrt(share)
    // Products of all columns with those that the steps are made of, then with the steps.
    const known = lags + fresh
    const basis = this.#basis
    for (let e = 0; e < size; e++) {
      for (let k = 0; k < lags; k++) basis[e * known + k] = kept[e * size + from + k]!
      for (let j = 0; j < fresh; j++) {
        const product = this.#cross[e * fresh + j]!
        basis[e * known + lags + j] = product
        if (e >= from && e < from + lags) basis[(size + j) * known + e - from] = product
      }
    }
    for (let i = 0; i < fresh; i++) {
      for (let j = 0; j < fresh; j++) {
        basis[(size + i) * known + lags + j] = this.#own[i * fresh + j]!
      }
    }
    const half = this.#half.fill(0)
    addProduct(half, basis, made, [size + fresh, known, width], [width, known, width])
    const pitch = size + length
    /** Where a made column stands in `joined`. */
    const place = (j: number): number => (j < lags ? from + j : size + j - lags)
    for (let i = 0; i < size; i++) joined.set(kept.subarray(i * size, (i + 1) * size), i * pitch)
    for (let j = 0; j < width; j++) {
      const factor = j < lags ? 1 : scale
      for (let i = 0; i < size; i++) {
        if (i >= from && i < from + lags) continue
        joined[i * pitch + place(j)] = joined[place(j) * pitch + i] = factor * half[i * width + j]!
      }
      for (let i = 0; i <= j; i++) {
        let sum = 0
        for (let u = 0; u < lags + fresh; u++) {
          const e = u < lags ? from + u : size + u - lags
          sum += made[u * width + i]! * half[e * width + j]!
        }
        const value = sum * factor * (i < lags ? 1 : scale)
        joined[place(i) * pitch + place(j)] = joined[place(j) * pitch + place(i)] = value
      }
    }
  }

  /** Draws fresh columns of unit variance in `rows` rows: their products with the kept ones, and with each other. */
  #draw(kept: Float64Array, fresh: number, rows: number, normals: Normals): void {
    const size = this.#size
    const root = this.#root
    const rank = cholesky(kept, size, root)
    const free = rows - rank
    const triangle = free >= fresh
    const more = triangle ? fresh : Math.max(0, Math.floor(free + 0.5))
    const drawn = this.#drawn
    const unit = 1 / Math.sqrt(rows)
    for (let i = 0; i < rank * fresh; i++) drawn[i] = unit * normals.next()
    for (let i = 0; i < more; i++) {
      const row = (rank + i) * fresh
      for (let j = 0; j < fresh; j++) {
        if (triangle && j < i) drawn[row + j] = 0
        else if (triangle && j === i) {
          drawn[row + j] = unit * Math.sqrt(normals.chiSquare(free - i))
        } else drawn[row + j] = unit * normals.next()
      }
    }
    const over = this.#over
    for (let q = 0; q < rank; q++) {
      for (let i = 0; i < size; i++) over[i * rank + q] = root[q * size + i]!
    }
    const cross = this.#cross.fill(0)
    addProduct(cross, over, drawn, [size, rank, fresh], [fresh, rank, fresh])
    const own = this.#own.fill(0)
    const all = rank + more
    for (let q = 0; q < all; q++) {
      for (let i = 0; i < fresh; i++) over[i * all + q] = drawn[q * fresh + i]!
    }
    addProduct(own, over, drawn, [fresh, all, fresh], [fresh, all, fresh])
  }
}
