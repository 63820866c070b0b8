import { exp, log } from '../../kernels/math.ts'
import { energyBins, lowestBin } from './statistics.ts'

/** Rows of similar variance: the number of rows of equal variance that they are equivalent to, and their share of the energy. */
export interface RowClass {
  readonly rows: number
  readonly share: number
}

const octave = log(2)

/** Logarithm of the middle of a bin: bins are quarters of [1, 2) times a power of two. */
const middles = Float64Array.from({ length: energyBins }, (_, bin) => {
  const exponent = Math.floor((lowestBin + bin) / 4)
  return exponent * octave + log(1.125 + (lowestBin + bin - 4 * exponent) / 4)
})

/**
 * Classes of rows by the energies of their steps, heaviest first. Each class is `octaves` wide; the last class takes all the rest.
 * Energies scatter even if all variances are equal, as chi-square with `freedom` degrees of freedom. So their logarithms are shrunk
 * towards their mean by what that scatter accounts for.
 */
export function classesOf(
  energies: Float64Array,
  freedom: number,
  count: number,
  octaves: number
): RowClass[] {
  let rows = 0
  let sum = 0
  let squares = 0
  for (let bin = 0; bin < energyBins; bin++) {
    rows += energies[bin]!
    sum += energies[bin]! * middles[bin]!
    squares += energies[bin]! * middles[bin]! ** 2
  }
  const classes = Array.from({ length: count }, () => ({ sum: 0, squares: 0 }))
  if (rows === 0) return classes.map(() => ({ rows: 1, share: 0 }))
  const mean = sum / rows
  const variance = squares / rows - mean * mean
  const own = variance > 0 ? Math.max(0, variance - trigamma(freedom / 2)) / variance : 0
  const shrink = Math.sqrt(own)
  const heaviest = shrink * (middles[energies.findLastIndex((n) => n > 0)]! - mean)
  for (let bin = 0; bin < energyBins; bin++) {
    if (energies[bin] === 0) continue
    const height = shrink * (middles[bin]! - mean)
    const below = Math.floor((heaviest - height) / (octaves * octave))
    const own = classes[Math.min(count - 1, below)]!
    const variance = exp(height)
    own.sum += energies[bin]! * variance
    own.squares += energies[bin]! * variance * variance
  }
  const total = classes.reduce((all, { sum }) => all + sum, 0)
  return classes.map(({ sum, squares }) =>
    sum > 0
      ? { rows: Math.max(1, (sum * sum) / squares), share: sum / total }
      : { rows: 1, share: 0 }
  )
}

/** Variance of the logarithm of a gamma variable of this shape. */
function trigamma(shape: number): number {
  let x = Math.max(shape, 0.5)
  let sum = 0
  for (; x < 6; x++) sum += 1 / (x * x)
  return sum + 1 / x + 1 / (2 * x * x) + 1 / (6 * x * x * x) - 1 / (30 * x * x * x * x * x)
}
