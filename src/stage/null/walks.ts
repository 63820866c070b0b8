import type { Arena } from '../../kernels/arena.ts'
import { type Matrix, matricesAt, matrixBytes, stacked } from '../../linalg/products.ts'
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
  readonly #gram: Float64Array

  /** Bytes that persist across blocks. */
  static bytes(scope: ScopeShape, columns: number): number {
    const strata = strataOf(scope)
    return 8 * strata.length * Memory.words + matrixBytes(keptShape(strata, columns + extras))
  }

  /** Bytes of working memory for a block. */
  static scratchBytes(scope: ScopeShape, columns: number, block: number): number {
    const size = columns + extras
    const matrices = matrixBytes(shapesOf(strataOf(scope), size, block))
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
    const { made, joined } = matricesAt(arena, matricesFrom, shapesOf(strata, size, block))
    this.#made = stacked(made, lags + 2 * block)
    this.#joined = stacked(joined, size + block)
    this.#gram = new Float64Array((columns + block + 1) ** 2)
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
}

const classesIn = (strata: readonly Stratum[]): number =>
  strata.reduce((sum, { classes }) => sum + classes, 0)

const keptShape = (strata: readonly Stratum[], size: number) =>
  ({ kept: [walkCount * classesIn(strata) * size, size] }) as const

const shapesOf = (strata: readonly Stratum[], size: number, block: number) =>
  ({
    made: [strata.length * (lags + 2 * block), lags + block],
    joined: [classesIn(strata) * (size + block), size + block],
  }) as const
