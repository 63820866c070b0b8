import { householderEigen, householderWork } from '../../linalg/householder.ts'
import { type Product, productIn, productWork } from '../../linalg/products.ts'
import {
  type Arena,
  type Header,
  openHeader,
  type ScopeShape,
  type StageContext,
  type StepStatistics,
  headerBytes as sizeOf,
  Walks,
  type WalkTurn,
  walkCount,
} from '../../stage/index.ts'
import { type Combination, congruence, rotation } from './combine.ts'
import { columnsOf } from './layout.ts'
import type { SvdOptions } from './spec.ts'

/** Most directions for which walks are decomposed: the work grows with the cube. */
export const mostWalkedRank = 32

/** Whether there are walks to compare with. */
export const hasWalks = ({ walks: wanted, rank }: SvdOptions): boolean =>
  wanted && rank <= mostWalkedRank

/** Columns that walks keep. */
const columnsOfWalks = (options: SvdOptions): number =>
  Math.min(columnsOf(options), 2 * options.rank)

/**
 * The state of the walks apart from the walks themselves: the number of their columns, and for each walk its energy and its σ̂², largest
 * first.
 */
const shapeOf = (columns: number) => ({
  words: ['kept'] as const,
  lists: { energies: walkCount, squares: walkCount * columns },
})

export function nullBytes(scope: ScopeShape, options: SvdOptions): number {
  if (!hasWalks(options)) return 0
  const columns = columnsOfWalks(options)
  return sizeOf(shapeOf(columns)) + Walks.bytes(scope, columns)
}

/** Bytes of scratch for one block of the walks. */
export function nullScratch(scope: ScopeShape, options: SvdOptions, block: number): number {
  if (!hasWalks(options)) return 0
  const columns = columnsOfWalks(options)
  const most = columns + block + 1
  const work = Math.max(householderWork(most), productWork(most))
  return Walks.scratchBytes(scope, columns, block) + work
}

/** The walks that `captured` is compared with, decomposed in the same way as the run. */
export class SvdNull {
  readonly #arena: Arena
  readonly #columns: number
  readonly #state: Header<ReturnType<typeof shapeOf>>
  readonly #walks: Walks
  /** Address at which eigenvalues are found and products formed. */
  readonly #work: number
  readonly #product: Product

  /** @param header address of `nullBytes` bytes; @param scratch of `nullScratch` bytes */
  constructor(
    { arena, scope, options, shape: { block } }: StageContext<SvdOptions>,
    header: number,
    scratch: number
  ) {
    const columns = columnsOfWalks(options)
    const shape = shapeOf(columns)
    this.#arena = arena
    this.#columns = columns
    this.#state = openHeader(arena, header, shape)
    this.#walks = new Walks(arena, header + sizeOf(shape), scratch, scope, columns, block)
    this.#work = scratch + Walks.scratchBytes(scope, columns, block)
    this.#product = productIn(arena, this.#work)
  }

  /**
   * @param combine how the columns that enter are formed from [B X q], for a B with a given number of columns
   * @param mean weights of the block's mean position, and the fraction by which the overall mean moves towards it
   */
  advance(
    statistics: StepStatistics,
    combine: (kept: number) => Combination,
    mean?: WalkTurn['mean']
  ): void {
    const state = this.#state
    const combination = combine(state.kept)
    const { size, rows, fade } = combination
    const kept = Math.min(this.#columns, size)
    // If the columns enter as they are, most of the small work is saved.
    const isPlain = size === rows && fade === 1 && mean === undefined
    const solve = (walk: number, gram: Float64Array): Float64Array => {
      const own = isPlain ? gram : congruence(gram, combination, this.#product)
      const { values, vectors } = householderEigen(this.#arena, own, size, this.#work)
      state.energies[walk]! *= fade
      for (let i = state.kept; i < size; i++) state.energies[walk]! += own[i * size + i]!
      state.squares.set(values.subarray(0, kept), walk * this.#columns)
      return rotation(combination, vectors, kept)
    }
    this.#walks.advance(statistics, state.kept, { kept, solve, ...(mean ? { mean } : {}) })
    state.kept = kept
  }

  /** The share of its energy that each walk has in its `rank` first directions; NaN for a walk that did not move. */
  captured(rank: number): number[] {
    const { energies, squares } = this.#state
    return Array.from(energies, (energy, walk) => {
      const first = walk * this.#columns
      const held = squares.subarray(first, first + Math.min(rank, this.#columns))
      return Math.min(1, held.reduce((sum, square) => sum + square, 0) / energy)
    })
  }
}
