import type { Complex } from '../../linalg/eigenvalues.ts'
import { mostSteps } from '../../linalg/eigenvalues.ts'
import { sweepsIn, sweepsWork } from '../../linalg/jacobi.ts'
import type { Sweeps } from '../../linalg/sweeps.ts'
import { type KoopmanKernels, koopmanKernels } from './kernels.gen.ts'
import type { KoopmanContext } from './spec.ts'

/** The small problems of an analysis, solved by kernels in the stage's scratch. Each takes all of it anew. */
export class Solver {
  /** Turns the pairs of a symmetric matrix of `2 modes` rows. */
  readonly sweeps: Sweeps
  readonly #kernels: KoopmanKernels
  readonly #matrix: Float64Array
  readonly #values: Float64Array
  readonly #work: number

  constructor(arena: KoopmanContext['arena'], scratch: number, modes: number) {
    this.#kernels = arena.kernels(koopmanKernels)
    this.sweeps = sweepsIn(arena, scratch)
    this.#matrix = arena.f64(scratch, modes * modes)
    this.#values = arena.f64(scratch + this.#matrix.byteLength, 2 * modes)
    this.#work = this.#values.byteOffset + this.#values.byteLength
  }

  static bytes(modes: number): number {
    return Math.max(sweepsWork(2 * modes), 8 * (modes * modes + 3 * modes + 3))
  }

  /** As `eigenvalues` of `src/linalg/`. */
  eigenvalues(matrix: Float64Array, n: number): Complex[] | undefined {
    const values = this.#values
    this.#matrix.set(matrix)
    const converged = this.#kernels.koopman_eigenvalues({
      h: this.#matrix.byteOffset,
      n,
      values: values.byteOffset,
      work: this.#work,
      most: mostSteps,
    })
    if (converged === 0) return undefined
    return Array.from({ length: n }, (_, i) => ({ re: values[2 * i]!, im: values[2 * i + 1]! }))
  }
}
