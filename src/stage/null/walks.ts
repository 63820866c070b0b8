import type { Arena } from '../../kernels/arena.ts'
import { type LinalgKernels, linalgKernels } from '../../linalg/kernels.gen.ts'
import {
  addProduct,
  type Matrix,
  matricesAt,
  matrixBytes,
  part,
  stacked,
  turned,
} from '../../linalg/products.ts'
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
  readonly #kernels: LinalgKernels
  readonly #columns: number
  readonly #size: number
  readonly #strata: readonly Stratum[]
  readonly #memories: readonly Memory[]
  /** Products that each walk keeps of each class. */
  readonly #kept: readonly Matrix[]
  readonly #inner: InnerProducts
  readonly #work: ReturnType<typeof workOf>
  /** Of each stratum what its steps are made of; of each class the products of all columns. */
  readonly #made: readonly Matrix[]
  readonly #joined: readonly Matrix[]
  readonly #gram: Float64Array

  /** Bytes that outlive a block. */
  static bytes(scope: ScopeShape, columns: number): number {
    const strata = strataOf(scope)
    return 8 * strata.length * Memory.words + matrixBytes(keptShape(strata, columns + extras))
  }

  /** Bytes that a block works in. */
  static scratchBytes(scope: ScopeShape, columns: number, block: number): number {
    const inner = InnerProducts.bytes(columns + extras, block)
    return inner + matrixBytes(shapesOf(strataOf(scope), columns, block))
  }

  /**
   * @param address of `bytes`, zero at first; @param scratch of `scratchBytes`
   * @param columns most columns of B; @param block most steps of a block
   */
  constructor(
    arena: Arena,
    address: number,
    scratch: number,
    scope: ScopeShape,
    columns: number,
    block: number
  ) {
    const size = columns + extras
    const strata = strataOf(scope)
    this.#kernels = arena.kernels(linalgKernels)
    this.#columns = columns
    this.#size = size
    this.#strata = strata
    this.#memories = strata.map(
      (_, s) => new Memory(arena.f64(address + 8 * s * Memory.words, Memory.words))
    )
    const keptAt = address + 8 * strata.length * Memory.words
    this.#kept = stacked(matricesAt(arena, keptAt, keptShape(strata, size)).kept, size)
    this.#inner = new InnerProducts(arena, scratch, size, columns, block)
    this.#work = workOf(arena, scratch + InnerProducts.bytes(size, block), strata, columns, block)
    this.#made = stacked(this.#work.made, lags + 2 * block)
    this.#joined = stacked(this.#work.joined, size + block)
    this.#gram = new Float64Array((columns + block + 1) ** 2)
  }

  /** Takes a block; B has `kept` columns before it. */
  advance(statistics: StepStatistics, kept: number, turn: WalkTurn): void {
    const { seed, index, length } = statistics
    const steps = this.#strata.map((stratum, s) =>
      stratumSteps(stratum, this.#memories[s]!, statistics)
    )
    steps.forEach(({ made }, s) => {
      const { values, pitch } = this.#made[s]!
      const width = lags + length
      for (let i = 0; i * width < made.length; i++) {
        values.set(made.subarray(i * width, (i + 1) * width), i * pitch)
      }
    })
    const columns = kept + length + (turn.mean ? 1 : 0)
    const classes = this.#joined.length
    for (let walk = 0; walk < walkCount; walk++) {
      const gram = this.#gram.subarray(0, columns * columns).fill(0)
      const held = this.#kept.slice(walk * classes, (walk + 1) * classes)
      let c = 0
      steps.forEach((own, s) => {
        const first = c
        own.classes.forEach((rowClass) => {
          const normals = new Normals(seed, index, walk, c)
          this.#inner.join(held[c]!, this.#made[s]!, own, rowClass, normals, this.#joined[c]!)
          c++
        })
        const joined = this.#joined.slice(first, c)
        this.#scale(joined, own)
        for (const each of joined) this.#add(gram, each, kept, length, turn)
      })
      const rotation = turn.solve(walk, gram, columns)
      this.#compose(rotation, kept, length, turn)
      for (const [i, own] of held.entries()) {
        this.#turn(own, this.#joined[i]!, kept, length, turn)
      }
    }
  }

  /** Gives the steps of a stratum their norms. */
  #scale(classes: readonly Matrix[], { norms }: StratumSteps): void {
    const size = this.#size
    const count = size + norms.length
    norms.forEach((norm, j) => {
      const at = size + j
      const square = classes.reduce((sum, { values, pitch }) => sum + values[at * pitch + at]!, 0)
      const scale = square > 0 ? norm / Math.sqrt(square) : 0
      for (const { values, pitch } of classes) {
        for (let i = 0; i < count; i++) values[at * pitch + i]! *= scale
        for (let i = 0; i < count; i++) values[i * pitch + at]! *= scale
      }
    })
  }

  /** gram += the products of a class's [B X q]. */
  #add(
    gram: Float64Array,
    { values: joined, pitch }: Matrix,
    kept: number,
    length: number,
    { mean }: WalkTurn
  ): void {
    const size = this.#size
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

  /** How the columns that are turned are made of those of `joined`: the next B, then position and mean of positions. */
  #compose(
    rotation: Float64Array,
    kept: number,
    length: number,
    { kept: next, mean }: WalkTurn
  ): void {
    const size = this.#size
    const { values: made, pitch } = this.#work.next
    made.fill(0)
    for (let b = 0; b < kept; b++) made.set(rotation.subarray(b * next, (b + 1) * next), b * pitch)
    for (let j = 0; j < length; j++) {
      const row = (kept + j) * next
      made.set(rotation.subarray(row, row + next), (size + j) * pitch)
    }
    if (!mean) return
    const { u, fraction } = mean
    const [position, average] = [(size - 2) * pitch, (size - 1) * pitch]
    const shift = rotation.subarray((kept + length) * next)
    for (let i = 0; i < next; i++) {
      const q = shift[i]!
      for (let j = 0; j < length; j++) made[(size + j) * pitch + i]! -= u[j]! * q
      made[position + i] = -q
      made[average + i] = q
    }
    made[position + next] = 1
    made[position + next + 1] = fraction
    made[average + next + 1] = 1 - fraction
    for (let j = 0; j < length; j++) {
      made[(size + j) * pitch + next] = 1
      made[(size + j) * pitch + next + 1] = fraction * u[j]!
    }
  }

  /** kept <- Aᵀ joined A, A as composed, and the last steps as they are. */
  #turn(
    { values: held, pitch: ofHeld }: Matrix,
    joined: Matrix,
    kept: number,
    length: number,
    { kept: next, mean }: WalkTurn
  ): void {
    const kernels = this.#kernels
    const size = this.#size
    const from = this.#columns
    const { next: made, half, square } = this.#work
    const count = next + (mean ? 2 : 0)
    /** Rows of A that are not zero: of B, of the positions, of X. */
    const parts = [[0, kept], ...(mean ? [[size - 2, 2]] : []), [size, length]] as [
      number,
      number,
    ][]
    half.values.fill(0)
    square.values.fill(0)
    for (const [row, n] of parts) {
      const left = turned(part(made, row))
      addProduct(kernels, part(half), left, part(joined, row), [count, n, size + length])
    }
    for (let i = 0; i < count; i += band) {
      const rows = Math.min(band, count - i)
      for (const [row, n] of parts) {
        addProduct(kernels, part(square, i), part(half, i, row), part(made, row), [
          rows,
          n,
          i + rows,
        ])
      }
    }
    held.fill(0)
    const place = (i: number): number => (i < next ? i : size - 2 + i - next)
    for (let i = 0; i < count; i++) {
      const to = place(i)
      for (let j = 0; j <= i; j++) {
        const value = square.values[i * square.pitch + j]!
        held[to * ofHeld + place(j)] = held[place(j) * ofHeld + to] = value
      }
      for (let k = from; k < from + lags; k++) {
        held[to * ofHeld + k] = held[k * ofHeld + to] = half.values[i * half.pitch + k]!
      }
    }
    for (let i = from; i < from + lags; i++) {
      const row = joined.values.subarray(i * joined.pitch + from, i * joined.pitch + from + lags)
      held.set(row, i * ofHeld + from)
    }
  }
}

/** Rows of a symmetric product that are formed at a time, as far as their diagonal. */
const band = 8

const classesIn = (strata: readonly Stratum[]): number =>
  strata.reduce((sum, { classes }) => sum + classes, 0)

const keptShape = (strata: readonly Stratum[], size: number) =>
  ({ kept: [walkCount * classesIn(strata) * size, size] }) as const

const shapesOf = (strata: readonly Stratum[], columns: number, block: number) => {
  const size = columns + extras
  return {
    made: [strata.length * (lags + 2 * block), lags + block],
    joined: [classesIn(strata) * (size + block), size + block],
    next: [size + block, columns + 2],
    half: [columns + 2, size + block],
    square: [columns + 2, columns + 2],
  } as const
}

const workOf = (
  arena: Arena,
  address: number,
  strata: readonly Stratum[],
  columns: number,
  block: number
) => matricesAt(arena, address, shapesOf(strata, columns, block))
