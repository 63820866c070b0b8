import { triangleSize } from '../../../linalg/triangular.ts'
import { type KoopmanKernels, koopmanKernels } from '../kernels.gen.ts'
import { mostStretches } from '../layout.ts'
import type { KoopmanContext } from '../spec.ts'
import type { Moments } from './moments.ts'

/** Fits maps to resampled stretches, by kernels; the moments of all stretches stay in scratch meanwhile. */
export class Draws {
  /** How often each stretch is drawn; to be set by the caller. */
  readonly weights: Float64Array
  /** Sums of the drawn moments about their means: [φ φ'] by rows of 2 k. */
  readonly sums: Float64Array
  /** The map of these sums, k x k by rows. */
  readonly map: Float64Array
  /** Fits the map to the stretches with their present weights. */
  readonly fit: () => void

  /** @param at address of `Draws.bytes` */
  constructor(
    arena: KoopmanContext['arena'],
    at: number,
    moments: readonly Moments[],
    modes: number,
    first: number
  ) {
    const kernels: KoopmanKernels = arena.kernels(koopmanKernels)
    let free = at
    const take = (length: number): Float64Array => {
      const taken = arena.f64(free, length)
      free += taken.byteLength
      return taken
    }
    const own = moments.map((values) => {
      const taken = take(values.length)
      taken.set(values)
      return taken
    })
    const total = take(triangleSize(first + 2 * modes)).byteOffset
    const root = take(modes * modes).byteOffset
    this.weights = take(moments.length)
    this.sums = take(4 * modes * modes)
    this.map = take(modes * modes)
    const sum = {
      moments: own[0]!.byteOffset,
      count: own.length,
      weights: this.weights.byteOffset,
      first,
      modes,
      total,
      out: this.sums.byteOffset,
    }
    const map = { moments: sum.out, n: modes, root, map: this.map.byteOffset }
    this.fit = () => {
      kernels.koopman_centred(sum)
      kernels.koopman_map(map)
    }
  }

  /** @param modes the most directions of a map */
  static bytes(modes: number): number {
    const stretches = mostStretches + 1
    return 8 * ((stretches + 1) * triangleSize(1 + 2 * modes) + stretches + 6 * modes * modes)
  }
}
