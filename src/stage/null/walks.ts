import { addProduct } from '../../linalg/matrix.ts'
import type { ScopeShape } from '../scope.ts'
import { InnerProducts } from './inner.ts'
import { Memory } from './memory.ts'
import { Normals } from './normals.ts'
import { lags, type StepStatistics } from './statistics.ts'
import { type Stratum, type StratumSteps, strataOf, stratumSteps } from './strata.ts'

/** Walks that a figure is compared with. */
export const walkCount = 16

/** Beyond the last direction each walk keeps the last four steps, its position and the mean of its positions. */
const extras = lags + 2

/** What a stage does with the columns [B X q] of a block, q = m - p - X u where it looks at positions. */
export interface WalkTurn {
  /** Weights u of the block's mean position p + X u, and how far the mean of all moves towards it; none for deltas. */
  readonly mean?: { readonly u: Float64Array; readonly fraction: number }
  /**
   * Decomposes one walk.
   *
   * @param gram inner products of [B X q], by rows
   * @returns how the next B is made of them, `kept` columns by rows
   */
  solve(walk: number, gram: Float64Array, columns: number): Float64Array
  /** Columns of the next B, the same for every walk. */
  readonly kept: number
}

/**
 * Walks that have of a run only its steps' norms, its memory and its rows' variances, decomposed block by block as the run
 * is, in inner products alone: what they cost depends on the columns that are kept, not on the model.
 */
export class Walks {
  readonly #columns: number
  readonly #size: number
  readonly #strata: readonly Stratum[]
  readonly #memories: readonly Memory[]
  /** Products that each walk keeps of each class. */
  readonly #kept: readonly (readonly Float64Array[])[]
  readonly #inner: InnerProducts
  readonly #joined: readonly Float64Array[]
  readonly #gram: Float64Array
  readonly #next: Float64Array
  readonly #half: Float64Array
  readonly #turned: Float64Array

  /** f64 that `view` needs. */
  static words(scope: ScopeShape, columns: number): number {
    const strata = strataOf(scope)
    const classes = strata.reduce((sum, stratum) => sum + stratum.classes, 0)
    return strata.length * Memory.words + walkCount * classes * (columns + extras) ** 2
  }

  /** @param columns most columns of B; @param block most steps of a block */
  constructor(view: Float64Array, scope: ScopeShape, columns: number, block: number) {
    const size = columns + extras
    let at = 0
    const take = (words: number): Float64Array => {
      at += words
      return view.subarray(at - words, at)
    }
    this.#columns = columns
    this.#size = size
    this.#strata = strataOf(scope)
    this.#memories = this.#strata.map(() => new Memory(take(Memory.words)))
    const classes = this.#strata.flatMap((stratum) => Array.from({ length: stratum.classes }))
    this.#kept = Array.from({ length: walkCount }, () => classes.map(() => take(size * size)))
    this.#inner = new InnerProducts(size, columns, block)
    this.#joined = classes.map(() => new Float64Array((size + block) ** 2))
    this.#gram = new Float64Array((columns + block + 1) ** 2)
    this.#next = new Float64Array((size + block) * size)
    this.#half = new Float64Array((size + block) * size)
    this.#turned = new Float64Array((size + block) * size)
  }

  /** Takes a block; B has `kept` columns before it. */
  advance(statistics: StepStatistics, kept: number, turn: WalkTurn): void {
    const { seed, index, length } = statistics
    const steps = this.#strata.map((stratum, s) =>
      stratumSteps(stratum, this.#memories[s]!, statistics)
    )
    const columns = kept + length + (turn.mean ? 1 : 0)
    for (let walk = 0; walk < walkCount; walk++) {
      const gram = this.#gram.subarray(0, columns * columns).fill(0)
      let c = 0
      for (const own of steps) {
        const first = c
        own.classes.forEach((rowClass) => {
          const normals = new Normals(seed, index, walk, c)
          const joined = this.#joined[c]!
          this.#inner.join(this.#kept[walk]![c]!, own, rowClass, normals, joined)
          c++
        })
        this.#scale(this.#joined.slice(first, c), own)
        for (const joined of this.#joined.slice(first, c))
          this.#add(gram, joined, kept, length, turn)
      }
      const rotation = turn.solve(walk, gram, columns)
      this.#compose(rotation, kept, length, turn)
      for (let own = 0; own < c; own++) {
        this.#turn(this.#kept[walk]![own]!, this.#joined[own]!, length)
      }
    }
  }

  /** Gives the steps of a stratum their norms. */
  #scale(classes: readonly Float64Array[], { norms }: StratumSteps): void {
    const size = this.#size
    const pitch = size + norms.length
    norms.forEach((norm, j) => {
      const at = size + j
      const square = classes.reduce((sum, joined) => sum + joined[at * pitch + at]!, 0)
      const scale = square > 0 ? norm / Math.sqrt(square) : 0
      for (const joined of classes) {
        for (let i = 0; i < pitch; i++) joined[at * pitch + i]! *= scale
        for (let i = 0; i < pitch; i++) joined[i * pitch + at]! *= scale
      }
    })
  }

  /** gram += the products of a class's [B X q]. */
  #add(
    gram: Float64Array,
    joined: Float64Array,
    kept: number,
    length: number,
    { mean }: WalkTurn
  ): void {
    const size = this.#size
    const pitch = size + length
    const columns = kept + length + (mean ? 1 : 0)
    const place = (i: number): number => (i < kept ? i : size + i - kept)
    for (let i = 0; i < kept + length; i++) {
      const row = place(i) * pitch
      for (let j = 0; j < kept; j++) gram[i * columns + j]! += joined[row + j]!
      for (let j = 0; j < length; j++) gram[i * columns + kept + j]! += joined[row + size + j]!
    }
    if (!mean) return
    const last = columns - 1
    /** Product of the column of `joined` in row i with q. */
    const withMean = (i: number): number => {
      let sum = joined[i * pitch + size - 1]! - joined[i * pitch + size - 2]!
      for (let j = 0; j < length; j++) sum -= mean.u[j]! * joined[i * pitch + size + j]!
      return sum
    }
    let own = withMean(size - 1) - withMean(size - 2)
    for (let j = 0; j < length; j++) own -= mean.u[j]! * withMean(size + j)
    gram[columns * columns - 1]! += own
    for (let i = 0; i < last; i++) {
      const product = withMean(place(i))
      gram[i * columns + last]! += product
      gram[last * columns + i]! += product
    }
  }

  /** How the columns that are kept are made of those of `joined`. */
  #compose(
    rotation: Float64Array,
    kept: number,
    length: number,
    { kept: next, mean }: WalkTurn
  ): void {
    const size = this.#size
    const made = this.#next.fill(0)
    const [position, average] = [size - 2, size - 1]
    for (let i = 0; i < next; i++) {
      const entry = (row: number): number => rotation[row * next + i]!
      for (let b = 0; b < kept; b++) made[b * size + i] = entry(b)
      const q = mean ? entry(kept + length) : 0
      for (let j = 0; j < length; j++) {
        made[(size + j) * size + i] = entry(kept + j) - (mean ? mean.u[j]! * q : 0)
      }
      made[position * size + i] = -q
      made[average * size + i] = q
    }
    for (let k = 0; k < lags; k++) made[(this.#columns + k) * size + this.#columns + k] = 1
    if (!mean) return
    const { u, fraction } = mean
    made[position * size + position] = 1
    made[position * size + average] = fraction
    made[average * size + average] = 1 - fraction
    for (let j = 0; j < length; j++) {
      made[(size + j) * size + position] = 1
      made[(size + j) * size + average] = fraction * u[j]!
    }
  }

  /** kept <- Aᵀ joined A, A as composed. */
  #turn(kept: Float64Array, joined: Float64Array, length: number): void {
    const size = this.#size
    const pitch = size + length
    const half = this.#half.fill(0)
    const made = this.#next
    addProduct(half, joined, made, [pitch, pitch, size], [size, pitch, size])
    const turned = this.#turned
    for (let u = 0; u < pitch; u++) {
      for (let i = 0; i < size; i++) turned[i * pitch + u] = made[u * size + i]!
    }
    addProduct(kept.fill(0), turned, half, [size, pitch, size], [size, pitch, size])
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < i; j++) kept[i * size + j] = kept[j * size + i]!
    }
  }
}
