import { sinCos } from '../../stage/index.ts'

/** Number of points at which the law is tabulated. */
const points = 8192

/**
 * The law of Marchenko and Pastur: the distribution of the eigenvalues of WᵀW / (m v), for W of m x n independent numbers with mean 0 and
 * variance v, with m >= n both large. With x = 1 + q - 2 √q cos t, q = n / m, their density in t is 2 sin² t / (π x).
 */
export interface NoiseLaw {
  /** Ascending eigenvalues, and the share below each. */
  readonly x: Float64Array
  readonly below: Float64Array
}

export function noiseLaw(m: number, n: number): NoiseLaw {
  const q = n / m
  const root = Math.sqrt(q)
  const x = new Float64Array(points + 1)
  const below = new Float64Array(points + 1)
  const step = Math.PI / points
  x[0] = (1 - root) * (1 - root)
  for (let i = 0; i < points; i++) {
    const [sin, cos] = sinCos((i + 0.5) * step)
    const at = 1 + q - 2 * root * cos
    below[i + 1] = below[i]! + (step * 2 * sin * sin) / (Math.PI * at)
    const [, end] = sinCos((i + 1) * step)
    x[i + 1] = 1 + q - 2 * root * end
  }
  const total = below[points]!
  for (let i = 0; i <= points; i++) below[i]! /= total
  return { x, below }
}

/** The share of the law below a value. */
export function shareBelow({ x, below }: NoiseLaw, value: number): number {
  return interpolated(x, below, value)
}

/** n values distributed according to the law, ascending. */
export function noiseQuantiles({ x, below }: NoiseLaw, n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => interpolated(below, x, (i + 0.5) / n))
}

function interpolated(from: Float64Array, to: Float64Array, value: number): number {
  const last = from.length - 1
  if (!(value > from[0]!)) return to[0]!
  if (value >= from[last]!) return to[last]!
  let [low, high] = [0, last]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (from[middle]! <= value) low = middle
    else high = middle
  }
  const share = (value - from[low]!) / (from[high]! - from[low]!)
  return to[low]! + share * (to[high]! - to[low]!)
}

/**
 * Limit of the fluctuations of the largest eigenvalue beyond the law's edge, in Johnstone's (2001) scales: noise exceeds it once in a
 * thousand times (the law of Tracy and Widom for real matrices).
 */
const beyondEdge = 3.27

/** The eigenvalues that stand out from noise, and how close the rest is to noise. */
export interface Outliers {
  readonly count: number
  /** Variance of a matrix entry, estimated from the rest. */
  readonly variance: number
  /** Largest difference between the distribution of the rest and the law. */
  readonly distance: number
}

/**
 * Counts the eigenvalues of WᵀW that noise would not make. Removes them from the variance of the noise, and repeats until no more are
 * found.
 *
 * @param squares squared singular values of a matrix of m x n, largest first
 */
export function outliersOf(squares: Float64Array, m: number, law: NoiseLaw): Outliers {
  const n = squares.length
  const [a, b] = [Math.sqrt(m), Math.sqrt(n)]
  const edge = (a + b) * (a + b) + beyondEdge * (a + b) * cubeRoot(1 / a + 1 / b)
  let count = 0
  let variance = 0
  for (;;) {
    let sum = 0
    for (let i = count; i < n; i++) sum += squares[i]!
    variance = sum / ((m - count) * (n - count))
    let next = count
    while (next < n - 1 && squares[next]! > variance * edge) next++
    if (next === count) break
    count = next
  }
  let distance = 0
  const rest = n - count
  for (let i = count; i < n; i++) {
    // The i-th largest has n - 1 - i below it.
    const own = (n - 1 - i + 0.5) / rest
    distance = Math.max(distance, Math.abs(own - shareBelow(law, squares[i]! / (m * variance))))
  }
  return { count, variance, distance: variance > 0 ? distance : 1 }
}

/** x^(1/3) for x > 0, by Newton's method from above. */
function cubeRoot(x: number): number {
  let root = Math.max(1, x)
  for (let i = 0; i < 100; i++) {
    const next = (2 * root + x / (root * root)) / 3
    if (next >= root) break
    root = next
  }
  return root
}
