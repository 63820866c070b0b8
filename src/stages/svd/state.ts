import type { Arena } from '../../kernels/arena.ts'

/** Words before the arrays of the header. */
const scalars = 11

/** Header bytes of a factor of `columns` columns. */
export function headerBytes(columns: number): number {
  return (scalars + 4 * columns) * 8
}

/**
 * The small state of the decomposition, the same on every shard, as a view of the header: what it knows of A, the matrix
 * of all columns, beside the factor B.
 */
export class SvdState {
  /** σ̂², the squared norms of B's columns, largest first; beyond `kept` those that were cut as noise. */
  readonly squares: Float64Array
  /** Estimated energy that A has and B lacks along each column of B. */
  readonly missing: Float64Array
  /** Estimated square of what rounding has made of each column of B, and error of its eigenvalue. */
  readonly stored: Float64Array
  readonly blurred: Float64Array
  readonly #words: Float64Array

  constructor(arena: Arena, header: number, columns: number) {
    this.#words = arena.f64(header, scalars)
    this.squares = arena.f64(header + scalars * 8, columns)
    this.missing = arena.f64(header + (scalars + columns) * 8, columns)
    this.stored = arena.f64(header + (scalars + 2 * columns) * 8, columns)
    this.blurred = arena.f64(header + (scalars + 3 * columns) * 8, columns)
  }

  /** Columns of B in use; later stages find them here too (`../factor.ts`). */
  get kept(): number {
    return this.#words[0]!
  }
  set kept(value: number) {
    this.#words[0] = value
  }
  /** Columns of A. */
  get seen(): number {
    return this.#words[1]!
  }
  set seen(value: number) {
    this.#words[1] = value
  }
  /** ‖A‖²_F. */
  get energy(): number {
    return this.#words[2]!
  }
  set energy(value: number) {
    this.#words[2] = value
  }
  /** δ², the sum over blocks of the largest eigenvalue left out. */
  get discarded(): number {
    return this.#words[3]!
  }
  set discarded(value: number) {
    this.#words[3] = value
  }
  /** Blocks that went into B. */
  get blocks(): number {
    return this.#words[4]!
  }
  set blocks(value: number) {
    this.#words[4] = value
  }
  /** ρ, what rounding can have moved A by in all (Frobenius). */
  get rounding(): number {
    return this.#words[5]!
  }
  set rounding(value: number) {
    this.#words[5] = value
  }
  /** max |UᵀU - I| of B as it stood before the last block. */
  get orthogonality(): number {
    return this.#words[6]!
  }
  set orthogonality(value: number) {
    this.#words[6] = value
  } /** What rounding can have moved the last block's eigenvalues by. */
  get error(): number {
    return this.#words[7]!
  }
  set error(value: number) {
    this.#words[7] = value
  }
  /** Sums over pairs of columns: squared inner products of what was left out of them, and the products of its squares. */
  get overlaps(): number {
    return this.#words[8]!
  }
  set overlaps(value: number) {
    this.#words[8] = value
  }
  get products(): number {
    return this.#words[9]!
  }
  set products(value: number) {
    this.#words[9] = value
  }
  /** Of positions: the sum of the columns' weights, which fade with age. */
  get weight(): number {
    return this.#words[10]!
  }
  set weight(value: number) {
    this.#words[10] = value
  }
}
