import { assign } from '../../linalg/assignment.ts'
import { transport } from '../../linalg/transport.ts'
import type { Matrix } from '../../spec/figures.ts'
import type { Spectrum } from './figures.ts'

export interface Metric {
  /** `mu`: eigenvalues as they are; `ln`: their logarithms per step of the trainer, so growth and frequency. */
  readonly plane: 'mu' | 'ln'
  /** Whether all eigenvalues count alike, or each as much as its mode's energy. */
  readonly weights: 'equal' | 'energy'
}

type Point = readonly [number, number]

/** Below this modulus an eigenvalue's mode is gone within a step: its logarithm would tell rounding. */
const leastModulus = 1e-6

/**
 * How far apart two spectra are: the mean distance of eigenvalues that are matched one to one as cheaply as possible (Redman et
 * al. 2024), or, where sizes or weights differ, the least cost of moving the one's mass to the other's (Wasserstein's first
 * distance). NaN where energies are wanted and not known.
 */
export function spectrumDistance(a: Spectrum, b: Spectrum, metric: Metric): number {
  const cost = costs(a, b, metric)
  const [n, m] = [a.points.length, b.points.length]
  if (metric.weights === 'equal' && n === m) return matched(cost, n)
  const from = massOf(a, metric)
  const to = massOf(b, metric)
  return from && to ? transport(cost, from, to) : Number.NaN
}

/** Mean cost of the best assignment of n to n. */
export function matched(cost: Float64Array, n: number): number {
  return assign(cost, n).reduce((sum, j, i) => sum + cost[i * n + j]!, 0) / n
}

/** Distances of all eigenvalues of a to all of b, by rows. */
export function costs(a: Spectrum, b: Spectrum, { plane }: Metric): Float64Array {
  const from = a.points.map((point) => placed(point, a, plane))
  const to = b.points.map((point) => placed(point, b, plane))
  // A frequency is told up to whole turns for each recorded step.
  const turn = plane === 'ln' && a.spacing === b.spacing ? (2 * Math.PI) / a.spacing : Infinity
  const across = (angle: number): number => Math.min(Math.abs(angle), turn - Math.abs(angle))
  return Float64Array.from({ length: from.length * to.length }, (_, at) => {
    const [x, y] = [from[Math.floor(at / to.length)]!, to[at % to.length]!]
    return Math.hypot(x[0] - y[0], across(x[1] - y[1]))
  })
}

function placed([re, im]: Point, { spacing }: Spectrum, plane: Metric['plane']): Point {
  if (plane === 'mu') return [re, im]
  const modulus = Math.max(leastModulus, Math.hypot(re, im))
  return [Math.log(modulus) / spacing, Math.atan2(im, re) / spacing]
}

function massOf({ points, energies }: Spectrum, { weights }: Metric): Float64Array | undefined {
  if (weights === 'equal') return new Float64Array(points.length).fill(1 / points.length)
  const sum = energies?.reduce((a, b) => a + b, 0) ?? 0
  return sum > 0 ? Float64Array.from(energies!, (energy) => energy / sum) : undefined
}

/**
 * How far apart two matrices of the same rows and columns are: the norm of their difference beside the mean of their norms, 0 to
 * 2. What is not known in one counts in neither.
 */
export function matrixDistance({ values: a }: Matrix, { values: b }: Matrix): number {
  let [between, own, other] = [0, 0, 0]
  a.forEach((row, i) => {
    row.forEach((x, j) => {
      const y = b[i]![j]!
      if (!Number.isFinite(x) || !Number.isFinite(y)) return
      between += (x - y) ** 2
      own += x ** 2
      other += y ** 2
    })
  })
  const size = (Math.sqrt(own) + Math.sqrt(other)) / 2
  return size > 0 ? Math.sqrt(between) / size : 0
}
