import { assign } from '../../../linalg/assignment.ts'
import { transport } from '../../../linalg/transport.ts'
import type { Comparable, Spectrum } from '../reading/figures.ts'
import { matrixDistance, partsDistance } from './matrices.ts'
import { sines, spanDistance } from './modes.ts'

export interface Metric {
  /** `mu`: the eigenvalues themselves. `ln`: their logarithms per step of the trainer, that is, growth and frequency. */
  readonly plane: 'mu' | 'ln'
  /** Whether all eigenvalues have equal weight, or the energies of their modes as weights. */
  readonly weights: 'equal' | 'energy'
}

/** The distance between the figures of two runs. NaN if it cannot be computed. */
export function distanceOf(a: Comparable, b: Comparable, metric: Metric): number {
  if (a.kind === 'spectrum' && b.kind === 'spectrum')
    return spectrumDistance(a.value, b.value, metric)
  if (a.kind === 'modes' && b.kind === 'modes') return modesDistance(a.value, b.value, metric)
  if (a.kind === 'span' && b.kind === 'span') return spanDistance(a.value.shapes!, b.value.shapes!)
  if (a.kind === 'matrix' && b.kind === 'matrix') return matrixDistance(a.value, b.value)
  if (a.kind === 'parts' && b.kind === 'parts') return partsDistance(a.value, b.value)
  return Number.NaN
}

/** All pairwise distances, by rows. */
export function distancesOf(values: readonly Comparable[], metric: Metric): Float64Array {
  const n = values.length
  const all = new Float64Array(n * n)
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const own = distanceOf(values[i]!, values[j]!, metric)
      all[i * n + j] = own
      all[j * n + i] = own
    }
  }
  return all
}

type Point = readonly [number, number]

/** An eigenvalue with a smaller modulus decays within a step. Its logarithm would only show rounding. */
const leastModulus = 1e-6

/**
 * The distance between two spectra: the mean distance of eigenvalues matched one to one at least cost (Redman et al. 2024). If
 * sizes or weights differ, it is the least cost of moving one distribution to the other (Wasserstein-1 distance). NaN if energies
 * are required but not known.
 */
export function spectrumDistance(a: Spectrum, b: Spectrum, metric: Metric): number {
  return leastCost(costs(a, b, metric), a, b, metric)
}

/**
 * The same, but modes count as well: the cost of matching two eigenvalues is the mean of their distance and of the sine of the
 * angle between their modes (a spectral-Grassmann distance).
 */
export function modesDistance(a: Spectrum, b: Spectrum, metric: Metric): number {
  const apart = sines(a.shapes!, b.shapes!)
  const cost = costs(a, b, metric).map((own, at) => (own + apart[at]!) / 2)
  return leastCost(cost, a, b, metric)
}

function leastCost(cost: Float64Array, a: Spectrum, b: Spectrum, metric: Metric): number {
  const [n, m] = [a.points.length, b.points.length]
  if (metric.weights === 'equal' && n === m) return matched(cost, n)
  const from = massOf(a, metric)
  const to = massOf(b, metric)
  return from && to ? transport(cost, from, to) : Number.NaN
}

/** Mean cost of the best assignment of n items to n items. */
export function matched(cost: Float64Array, n: number): number {
  return assign(cost, n).reduce((sum, j, i) => sum + cost[i * n + j]!, 0) / n
}

/** Distances between all eigenvalues of a and all of b, by rows. */
export function costs(a: Spectrum, b: Spectrum, { plane }: Metric): Float64Array {
  const from = a.points.map((point) => placed(point, a, plane))
  const to = b.points.map((point) => placed(point, b, plane))
  // A frequency is known only up to whole turns per recorded step.
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
