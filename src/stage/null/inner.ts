import type { Arena } from '../../kernels/arena.ts'
import { type LinalgKernels, linalgKernels } from '../../linalg/kernels.gen.ts'
import {
  addProduct,
  type Matrix,
  matricesAt,
  matrixBytes,
  mirror,
  type Part,
  part,
  place,
  turned,
} from '../../linalg/products.ts'
import type { RowClass } from './classes.ts'
import type { Normals } from './normals.ts'
import { lags } from './statistics.ts'
import type { StratumSteps } from './strata.ts'

/**
 * The inner products of the columns that one walk keeps of one class of rows. Rows of equal variance can be rotated into each
 * other, so distances and angles are all there is to a walk. Its columns are therefore kept as their Gram matrix. Fresh columns are
 * drawn as their products with the kept columns, and a Wishart matrix (Bartlett 1933) for the rest, whatever the number of rows.
 *
 * `kept` has the products of [B h p m], k x k by rows: the directions B, the lasting parts h of the last four steps (newest first),
 * and whatever else the caller keeps. The products of [B h' p m X], X the block's steps, are written to `joined`, `k + length`
 * wide.
 */
export class InnerProducts {
  readonly #kernels: LinalgKernels
  readonly #size: number
  readonly #from: number
  readonly #work: ReturnType<typeof workOf>

  /** Bytes of working memory. */
  static bytes(size: number, block: number): number {
    return matrixBytes(shapesOf(size, block))
  }

  /** @param size k; @param from where h begins; @param block most steps of a block; @param address of `bytes` bytes */
  constructor(arena: Arena, address: number, size: number, from: number, block: number) {
    this.#kernels = arena.kernels(linalgKernels)
    this.#size = size
    this.#from = from
    this.#work = workOf(arena, address, size, block)
  }

  /** @param made the steps as combinations, in memory */
  join(
    kept: Matrix,
    made: Matrix,
    { fresh, norms }: StratumSteps,
    { rows, share }: RowClass,
    normals: Normals,
    joined: Matrix
  ): void {
    this.#draw(kept, fresh, rows, normals)
    const size = this.#size
    const from = this.#from
    const width = lags + norms.length
    this.#combine(kept, made, fresh, width)
    const kernels = this.#kernels
    const { half, square } = this.#work
    const scale = Math.sqrt(share)
    const steps = norms.length
    /** Where the columns after B and h begin, and how many they are. */
    const others = from + lags
    const rest = size - others
    const to = (row: number, column: number): Part => part(joined, row, column)
    place(kernels, to(0, 0), part(kept), [size, size])
    place(kernels, to(0, from), part(half), [from, lags])
    place(kernels, to(from, others), turned(part(half, others)), [lags, rest])
    place(kernels, to(0, size), part(half, 0, lags), [from, steps], scale)
    place(kernels, to(others, size), part(half, others, lags), [rest, steps], scale)
    place(kernels, to(from, from), part(square), [lags, lags])
    place(kernels, to(from, size), part(square, 0, lags), [lags, steps], scale)
    // A product of two steps has the scale of both.
    place(kernels, to(size, size), part(square, lags, lags), [steps, steps], scale)
    place(kernels, to(size, size), to(size, size), [steps, steps], scale)
    mirror(kernels, joined, size + steps)
  }

  /** Products of all columns with the made ones, to `half`, and of the made ones with each other, to `square`. */
  #combine(kept: Matrix, made: Matrix, fresh: number, width: number): void {
    const kernels = this.#kernels
    const size = this.#size
    const from = this.#from
    const { cross, own, half, square } = this.#work
    half.values.fill(0)
    square.values.fill(0)
    const [old, white] = [part(made), part(made, lags)]
    addProduct(kernels, part(half), part(kept, 0, from), old, [size, lags, width])
    addProduct(kernels, part(half), part(cross), white, [size, fresh, width])
    const below = part(half, size)
    addProduct(kernels, below, turned(part(cross, from)), old, [fresh, lags, width])
    addProduct(kernels, below, part(own), white, [fresh, fresh, width])
    addProduct(kernels, part(square), turned(old), part(half, from), [width, lags, width])
    addProduct(kernels, part(square), turned(white), below, [width, fresh, width])
  }

  /** Draws fresh columns of unit variance in `rows` rows: their products with the kept columns, and with each other. */
  #draw(kept: Matrix, fresh: number, rows: number, normals: Normals): void {
    const size = this.#size
    const { root, drawn, cross, own } = this.#work
    const rank = this.#kernels.cholesky({ a: kept.at, n: size, r: root.at })
    const free = rows - rank
    const triangle = free >= fresh
    const more = triangle ? fresh : Math.max(0, Math.floor(free + 0.5))
    const { values, pitch } = drawn
    const unit = 1 / Math.sqrt(rows)
    for (let i = 0; i < rank; i++) {
      for (let j = 0; j < fresh; j++) values[i * pitch + j] = unit * normals.next()
    }
    for (let i = 0; i < more; i++) {
      const row = (rank + i) * pitch
      for (let j = 0; j < fresh; j++) {
        if (triangle && j < i) values[row + j] = 0
        else if (triangle && j === i) {
          values[row + j] = unit * Math.sqrt(normals.chiSquare(free - i))
        } else values[row + j] = unit * normals.next()
      }
    }
    cross.values.fill(0)
    own.values.fill(0)
    const right = part(drawn)
    addProduct(this.#kernels, part(cross), turned(part(root)), right, [size, rank, fresh])
    addProduct(this.#kernels, part(own), turned(right), right, [fresh, rank + more, fresh])
  }
}

const shapesOf = (size: number, block: number) =>
  ({
    root: [size, size],
    drawn: [size + 2 * block, 2 * block],
    cross: [size, 2 * block],
    own: [2 * block, 2 * block],
    half: [size + 2 * block, lags + block],
    square: [lags + block, lags + block],
  }) as const

const workOf = (arena: Arena, address: number, size: number, block: number) =>
  matricesAt(arena, address, shapesOf(size, block))
