import { type Arena, type Header, headerBytes, log, openHeader } from '../../stage/index.ts'
import { fitLine } from './fits.ts'
import type { Series } from './series.ts'

/** The network maximum Lyapunov exponent of one run, as its authors estimate it. */
export interface Nmle {
  /** Slope of ln d per step in the chosen window. */
  readonly slope: number
  readonly rSquared: number
  /** First and last step of the window, counted from the first distance. */
  readonly window: readonly [from: number, to: number]
}

/** Windows begin at 0, 5, ... 100 and are 30, 35, ... 100 steps long. */
const [latest, shortest, longest, stride] = [100, 30, 100, 5]

/**
 * The estimator of Danovski, Soriano and Lacasa (2024): it averages d over the perturbations of one start, fits a line to ln d on each of
 * their windows, and takes the window with the best R². Because it chooses the stretch that looks best, it does not measure growth over the
 * run; it is here for comparison with published figures.
 *
 * @param separations d at steps 0, 1, ... for each perturbation, all of one length
 * @returns undefined if no window has positive finite distances throughout
 */
export function nmle(separations: readonly ArrayLike<number>[]): Nmle | undefined {
  const length = separations[0]?.length ?? 0
  const logs = Float64Array.from({ length }, (_, t) =>
    log(separations.reduce((sum, d) => sum + d[t]!, 0) / separations.length)
  )
  const times = logs.map((_, t) => t)
  let best: Nmle | undefined
  for (let from = 0; from <= latest; from += stride) {
    for (let steps = shortest; steps <= longest && from + steps < length; steps += stride) {
      const y = logs.subarray(from, from + steps + 1)
      if (!y.every(Number.isFinite)) continue
      const { slope, residual } = fitLine(times.subarray(from, from + steps + 1), y)
      const rSquared = 1 - residual / fitLine(new Float64Array(y.length), y).residual
      if (rSquared > (best?.rSquared ?? -Infinity)) {
        best = { slope, rSquared, window: [from, from + steps] }
      }
    }
  }
  return best
}

/** Twins within this factor of the smallest count as perturbations of one size. */
const alike = 3

/** The estimate from the first steps of a series, at full resolution, from twins that are at most three times as far as the nearest. */
function nmleOf(series: Series): Nmle | undefined {
  let count = 0
  while (count < series.count && count <= latest + longest && series.elapsed(count) === count + 1) {
    count++
  }
  if (count === 0) return undefined
  const sizes = series.norms(0)
  const least = sizes.reduce((a, b) => (b > 0 ? Math.min(a, b) : a), Infinity)
  const twins = Array.from(sizes.keys()).filter((m) => sizes[m]! > 0 && sizes[m]! <= alike * least)
  const points = Array.from({ length: count }, (_, i) => i)
  return nmle(twins.map((m) => points.map((i) => series.norms(i)[m]!)))
}

const shape = { words: ['known', 'slope', 'rSquared', 'from', 'to'] as const, lists: {} }

/** The estimate in a stage's header region, kept once all of its windows are past. */
export class NmleKept {
  readonly #header: Header<typeof shape>

  static readonly bytes = headerBytes(shape)

  constructor(arena: Arena, address: number) {
    this.#header = openHeader(arena, address, shape)
  }

  /** Keeps the estimate once, before the series loses resolution. */
  update(series: Series): void {
    const header = this.#header
    if (header.known || series.count <= latest + longest) return
    header.known = 1
    const found = nmleOf(series)
    header.slope = found?.slope ?? Number.NaN
    header.rSquared = found?.rSquared ?? Number.NaN
    header.from = found?.window[0] ?? 0
    header.to = found?.window[1] ?? 0
  }

  of(series: Series): Nmle | undefined {
    const { known, slope, rSquared, from, to } = this.#header
    if (!known) return nmleOf(series)
    return Number.isNaN(slope) ? undefined : { slope, rSquared, window: [from, to] }
  }
}
