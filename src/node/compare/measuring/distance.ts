import { assign } from '../../../linalg/assignment.ts'
import { transport } from '../../../linalg/transport.ts'
import type { Comparable, Spectrum } from '../reading/figures.ts'
import { matrixDistance, partsDistance } from './matrices.ts'
import { sines, spanDistance } from './modes.ts'

export interface Metric {
  /** `mu`: eigenvalues as they are; `ln`: their logarithms per step of the trainer, so growth and frequency. */
  readonly plane: 'mu' | 'ln'
  /** Whether all eigenvalues count alike, or each as much as its mode's energy. */
  readonly weights: 'equal' | 'energy'
}

/** How far apart a figure of two runs is; NaN where that cannot be told. */
export function distanceOf(a: Comparable, b: Comparable, metric: Metric): number {
  if (a.kind === 'spectrum' && b.kind === 'spectrum')
    return spectrumDistance(a.value, b.value, metric)
  if (a.kind === 'modes' && b.kind === 'modes') return modesDistance(a.value, b.value, metric)
  if (a.kind === 'span' && b.kind === 'span') return spanDistance(a.value.shapes!, b.value.shapes!)
  if (a.kind === 'matrix' && b.kind === 'matrix') return matrixDistance(a.value, b.value)
  if (a.kind === 'parts' && b.kind === 'parts') return partsDistance(a.value, b.value)
  return Number.NaN
}

/** Distances of each to each, by rows. */
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

/** Below this modulus an eigenvalue's mode is gone within a step: its logarithm would tell rounding. */
const leastModulus = 1e-6

/**
 * How far apart two spectra are: the mean distance of eigenvalues that are matched one to one as cheaply as possible (Redman et
 * al. 2024), or, where sizes or weights differ, the least cost of moving the one's mass to the other's (Wasserstein's first
 * distance). NaN where energies are wanted and not known.
 */
export function spectrumDistance(a: Spectrum, b: Spectrum, metric: Metric): number {
  return leastCost(costs(a, b, metric), a, b, metric)
}

/**
 * The same where an eigenvalue's mode counts as well: matching two costs the mean of their eigenvalues' distance and of the sine
 * of the angle between their modes (a spectral-Grassmann distance).
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
