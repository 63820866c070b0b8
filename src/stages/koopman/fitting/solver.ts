import { type Complex, mostSteps } from '../../../linalg/eigenvalues.ts'
import { sweepsIn, sweepsWork } from '../../../linalg/jacobi.ts'
import { mostSweeps } from '../../../linalg/rotations.ts'
import type { RowSweeps } from '../../../linalg/row-sweeps.ts'
import type { Sweeps } from '../../../linalg/sweeps.ts'
import { triangleSize } from '../../../linalg/triangular.ts'
import { type KoopmanKernels, koopmanKernels } from '../kernels.gen.ts'
import { layoutOf, membersOf } from '../layout.ts'
import type { KoopmanContext, KoopmanOptions, KoopmanShape } from '../spec.ts'
import { Draws } from './draws.ts'
import type { Moments } from './moments.ts'

/** Largest sizes of the problems. */
interface Needs {
  /** Numbers in a row, and number of members whose rows come together. */
  readonly width: number
  readonly members: number
  /** Directions of a map. */
  readonly modes: number
}

export function needsOf(shape: KoopmanShape, options: KoopmanOptions): Needs {
  const { width, state } = layoutOf(shape, options)
  const members = membersOf(shape, options.pool).length
  return { width, members, modes: Math.min(options.modes, state) }
}

/** Bytes that the largest problem needs. */
function problemBytes({ width, members, modes }: Needs): number {
  const rows = Math.max(width, members)
  return Math.max(
    8 * (triangleSize(width) + rows * (width + 1)),
    sweepsWork(2 * modes),
    8 * (modes * modes + 11 * modes + 8)
  )
}

/**
 * Solves the small dense problems of a spectrum by kernels in the stage's scratch, one at a time, with the same bits as `absorb`, `assign`,
 * `eigenvalues`, `turnAllPairs` and `turnAllRows` of `src/linalg/`.
 */
export class Solver {
  readonly sweeps: Sweeps
  readonly #arena: KoopmanContext['arena']
  readonly #kernels: KoopmanKernels
  readonly #scratch: number
  readonly #draws: number

  constructor(arena: KoopmanContext['arena'], scratch: number, needs: Needs) {
    this.#arena = arena
    this.#kernels = arena.kernels(koopmanKernels)
    this.#scratch = scratch
    this.#draws = scratch + problemBytes(needs)
    this.sweeps = sweepsIn(arena, scratch)
  }

  static bytes(needs: Needs): number {
    return problemBytes(needs) + Draws.bytes(needs.modes)
  }

  /** Takes rows into a factor. A factor in the kernels' memory is changed in place. */
  absorb(
    factor: Float64Array,
    width: number,
    rows: Float64Array,
    count: number,
    ragged = false
  ): void {
    const lies = factor.buffer === this.#arena.buffer
    const at = this.#scratch + factor.byteLength
    const v = at + this.#put(rows, at)
    if (!lies) this.#put(factor, this.#scratch)
    this.#kernels.koopman_absorb({
      factor: lies ? factor.byteOffset : this.#scratch,
      width,
      rows: at,
      count,
      ragged,
      v,
    })
    if (!lies) factor.set(this.#arena.f64(this.#scratch, factor.length))
  }

  readonly rowSweeps: RowSweeps = (rows, n, columns) => {
    this.#put(rows, this.#scratch)
    const place = { rows: this.#scratch, n, columns, most: mostSweeps }
    const converged = this.#kernels.koopman_turn_rows(place)
    rows.set(this.#arena.f64(this.#scratch, rows.length))
    return converged === 1
  }

  eigenvalues(matrix: Float64Array, n: number): Complex[] | undefined {
    const h = this.#scratch
    const values = h + this.#put(matrix, h)
    const found = this.#arena.f64(values, 2 * n)
    const work = values + found.byteLength
    const place = { h, n, values, work, most: mostSteps }
    if (this.#kernels.koopman_eigenvalues(place) === 0) return undefined
    return Array.from({ length: n }, (_, i) => ({ re: found[2 * i]!, im: found[2 * i + 1]! }))
  }

  /** The found eigenvalues, reordered so that each is at the place of the value assigned to it; the sum of all distances is least. */
  assigned(values: readonly Complex[], found: readonly Complex[]): Complex[] {
    const n = values.length
    const pairs = this.#arena.f64(this.#scratch, 4 * n)
    for (const [i, { re, im }] of [...values, ...found].entries()) {
      pairs[2 * i] = re
      pairs[2 * i + 1] = im
    }
    const columns = this.#scratch + pairs.byteLength
    this.#kernels.koopman_assign({
      values: this.#scratch,
      found: this.#scratch + pairs.byteLength / 2,
      n,
      columns,
      work: columns + 8 * n,
    })
    return Array.from(this.#arena.u32(columns, n), (column) => found[column]!)
  }

  /** Draws of stretches. They keep their part of the scratch while other problems are solved. */
  draws(moments: readonly Moments[], modes: number, first: number): Draws {
    return new Draws(this.#arena, this.#draws, moments, modes, first)
  }

  /** Copies numbers to an address. Returns their size in bytes. */
  #put(values: Float64Array, at: number): number {
    this.#arena.f64(at, values.length).set(values)
    return values.byteLength
  }
}
