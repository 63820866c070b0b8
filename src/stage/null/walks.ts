import type { Arena } from '../../kernels/arena.ts'
import { type LinalgKernels, linalgKernels } from '../../linalg/kernels.gen.ts'
import {
  addPart,
  type Matrix,
  matricesAt,
  matrixBytes,
  part,
  place,
  stacked,
} from '../../linalg/products.ts'
import type { ScopeShape } from '../scope.ts'
import { InnerProducts } from './inner.ts'
import { Memory } from './memory.ts'
import { Normals } from './normals.ts'
import { lags, type StepStatistics } from './statistics.ts'
import { type Stratum, type StratumSteps, strataOf, stratumSteps } from './strata.ts'
import { Turn, type WalkTurn } from './turn.ts'

/** Number of walks that a figure is compared with. */
export const walkCount = 16

/** Number of columns after the directions: each walk also keeps the last four steps, its position and the mean of its positions. */
const extras = lags + 2

/**
 * Random walks that share with a run only the norms of its steps, its memory and the variances of its rows. They are decomposed
 * block by block like the run, but by inner products alone. So their cost depends on the number of kept columns, not on the model.
 */
export class Walks {
  readonly #kernels: LinalgKernels
  readonly #size: number
  readonly #strata: readonly Stratum[]
  readonly #memories: readonly Memory[]
  /** The products that each walk keeps of each class. */
  readonly #kept: readonly Matrix[]
  readonly #inner: InnerProducts
  readonly #turn: Turn
  /** For each stratum, what its steps are made of; for each class, the products of all columns. */
  readonly #made: readonly Matrix[]
  readonly #joined: readonly Matrix[]
  readonly #gram: Matrix

  /** Bytes that persist across blocks. */
  static bytes(scope: ScopeShape, columns: number): number {
    const strata = strataOf(scope)
    return 8 * strata.length * Memory.words + matrixBytes(keptShape(strata, columns + extras))
  }

  /** Bytes of working memory for a block. */
  static scratchBytes(scope: ScopeShape, columns: number, block: number): number {
    const size = columns + extras
    const matrices = matrixBytes(shapesOf(strataOf(scope), size, columns, block))
    return InnerProducts.bytes(size, block) + Turn.bytes(size, columns, block) + matrices
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
    this.#size = size
    this.#strata = strata
    this.#memories = strata.map(
      (_, s) => new Memory(arena.f64(address + 8 * s * Memory.words, Memory.words))
    )
    const keptAt = address + 8 * strata.length * Memory.words
    this.#kept = stacked(matricesAt(arena, keptAt, keptShape(strata, size)).kept, size)
    this.#inner = new InnerProducts(arena, scratch, size, columns, block)
    const turnAt = scratch + InnerProducts.bytes(size, block)
    this.#turn = new Turn(arena, turnAt, size, columns, block)
    const matricesFrom = turnAt + Turn.bytes(size, columns, block)
    const shapes = shapesOf(strata, size, columns, block)
    const { made, joined, gram } = matricesAt(arena, matricesFrom, shapes)
    this.#made = stacked(made, lags + 2 * block)
    this.#joined = stacked(joined, size + block)
    this.#gram = gram
  }

  /** Processes a block, before which B has `kept` columns. */
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
    const gram = { ...this.#gram, pitch: columns }
    const products = gram.values.subarray(0, columns * columns)
    for (let walk = 0; walk < walkCount; walk++) {
      products.fill(0)
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
      const rotation = turn.solve(walk, products, columns)
      this.#turn.compose(rotation, kept, length, turn)
      for (const [i, own] of held.entries()) this.#turn.apply(own, this.#joined[i]!)
    }
  }

  /** Scales the steps of a stratum to their norms. */
  #scale(classes: readonly Matrix[], { norms }: StratumSteps): void {
    const size = this.#size
    const count = size + norms.length
    norms.forEach((norm, j) => {
      const at = size + j
      const square = classes.reduce((sum, { values, pitch }) => sum + values[at * pitch + at]!, 0)
      const scale = square > 0 ? norm / Math.sqrt(square) : 0
      for (const each of classes) {
        const [row, column] = [part(each, at), part(each, 0, at)]
        place(this.#kernels, row, row, [1, count], scale)
        place(this.#kernels, column, column, [count, 1], scale)
      }
    })
  }

  /** gram += the products of a class's [B X q]. */
  #add(gram: Matrix, joined: Matrix, kept: number, length: number, { mean }: WalkTurn): void {
    const size = this.#size
    const kernels = this.#kernels
    addPart(kernels, part(gram), part(joined), [kept, kept])
    addPart(kernels, part(gram, 0, kept), part(joined, 0, size), [kept, length])
    addPart(kernels, part(gram, kept), part(joined, size), [length, kept])
    addPart(kernels, part(gram, kept, kept), part(joined, size, size), [length, length])
    if (mean) this.#addMean(gram, joined, kept, mean.u)
  }

  /** gram += the products with q = m - p - X u, its last row and column. */
  #addMean(
    { values: gram, pitch: columns }: Matrix,
    { values: joined, pitch }: Matrix,
    kept: number,
    u: Float64Array
  ): void {
    const size = this.#size
    const last = columns - 1
    const length = last - kept
    /** Product of q with the column of `joined` in row i. */
    const withMean = (i: number): number => {
      let sum = joined[i * pitch + size - 1]! - joined[i * pitch + size - 2]!
      for (let j = 0; j < length; j++) sum -= u[j]! * joined[i * pitch + size + j]!
      return sum
    }
    let own = withMean(size - 1) - withMean(size - 2)
    for (let j = 0; j < length; j++) own -= u[j]! * withMean(size + j)
    gram[last * columns + last]! += own
    for (let i = 0; i < last; i++) {
      const product = withMean(i < kept ? i : size + i - kept)
      gram[i * columns + last]! += product
      gram[last * columns + i]! += product
    }
  }
}

const classesIn = (strata: readonly Stratum[]): number =>
  strata.reduce((sum, { classes }) => sum + classes, 0)

const keptShape = (strata: readonly Stratum[], size: number) =>
  ({ kept: [walkCount * classesIn(strata) * size, size] }) as const

const shapesOf = (strata: readonly Stratum[], size: number, columns: number, block: number) =>
  ({
    made: [strata.length * (lags + 2 * block), lags + block],
    joined: [classesIn(strata) * (size + block), size + block],
    gram: [columns + block + 1, columns + block + 1],
  }) as const
