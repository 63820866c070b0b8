import { lags } from './statistics.ts'

/** How many steps back the walk's correlations are followed. */
const span = 64
const pitch = span + 1
/** The lasting share is estimated only from this many steps on. */
const fewest = 24

/** How a walk's next step follows from the last steps: h_t = Σ_k weights_k h_{t-1-k} + fresh z_t, of unit variance. */
export interface Recursion {
  readonly weights: Float64Array
  readonly fresh: number
}

/**
 * The memory of a run's steps: an autoregression of at most four lags. At each step it reproduces the measured cosines with the
 * last steps. It keeps the correlations of the walk itself, so it assumes no stationarity. Cosines that no walk can have shrink to
 * the nearest possible ones. What four lags cannot represent is a white part in every step (as with Nesterov's method): only
 * `share` of a step lasts. The share is estimated from the cosines extrapolated to lag 0.
 */
export class Memory {
  static readonly words = lags * pitch + lags + 2

  /** Correlation of step t with step t - d, at `(t % lags) * pitch + d`. */
  readonly #rows: Float64Array
  /** Sums of cosines by lag. Each is weighted by the number of steps before it, so that the start counts little. */
  readonly #cosines: Float64Array
  /** Number of steps, and Σ corr² over all pairs of steps. */
  readonly #totals: Float64Array

  /** @param view `words` numbers, zero at first, that persist across blocks */
  constructor(view: Float64Array) {
    this.#rows = view.subarray(0, lags * pitch)
    this.#cosines = view.subarray(lags * pitch, lags * pitch + lags)
    this.#totals = view.subarray(lags * pitch + lags, Memory.words)
  }

  /** The part of a step's variance that lasts; the rest is white. */
  get share(): number {
    const steps = this.#totals[0]!
    if (steps < fewest) return 1
    const weight = (steps * (steps - 1) - lags * (lags - 1)) / 2
    const mean = (k: number): number => this.#cosines[k]! / weight
    if (mean(0) < 0.1 || mean(1) <= 0) return 1
    const ratio = (mean(1) + mean(2) + mean(3)) / (mean(0) + mean(1) + mean(2))
    const share = ratio > 0 ? mean(0) / Math.min(ratio, 1) : 1
    return share < 0.95 ? share : 1
  }

  /** The number of independent steps that a row's energy is equivalent to: (Σ variance)² / Σ covariance². */
  get freedom(): number {
    const steps = this.#totals[0]!
    return steps > 0 ? (steps * steps) / this.#totals[1]! : 0
  }

  /** Adds a step, given its measured cosines with the four steps before it. */
  next(measured: Float64Array, share: number): Recursion {
    const steps = this.#totals[0]!
    const known = Math.min(lags, steps)
    const cosines = measured
      .subarray(0, known)
      .map((cosine) => Math.max(-1, Math.min(1, cosine / share)))
    const correlations = (i: number, j: number): number =>
      this.#between(steps - 1 - i, steps - 1 - j)
    const weights = new Float64Array(lags)
    weights.set(solved(correlations, cosines))
    const told = cosines.reduce((sum, cosine, k) => sum + cosine * weights[k]!, 0)
    if (told > 0.999) {
      const shrink = Math.sqrt(0.999 / told)
      for (let k = 0; k < known; k++) weights[k]! *= shrink
    }
    let carried = 0
    for (let i = 0; i < known; i++) {
      for (let j = 0; j < known; j++) carried += weights[i]! * weights[j]! * correlations(i, j)
    }
    this.#push(weights, known)
    if (steps >= lags) {
      for (let k = 0; k < lags; k++) this.#cosines[k]! += steps * measured[k]!
    }
    return { weights, fresh: Math.sqrt(Math.max(0, 1 - carried)) }
  }

  /** Correlation of steps s and t. The later one must be among the last four. */
  #between(s: number, t: number): number {
    const later = Math.max(s, t)
    const distance = later - Math.min(s, t)
    return distance === 0 ? 1 : distance > span ? 0 : this.#rows[(later % lags) * pitch + distance]!
  }

  /** Writes the correlations of the new step over those of the step four before it. */
  #push(weights: Float64Array, known: number): void {
    const step = this.#totals[0]!
    const row = new Float64Array(pitch)
    row[0] = 1
    let squares = 0
    for (let d = 1; d <= Math.min(span, step); d++) {
      for (let k = 0; k < known; k++) row[d]! += weights[k]! * this.#between(step - 1 - k, step - d)
      squares += row[d]! * row[d]!
    }
    this.#rows.set(row, (step % lags) * pitch)
    this.#totals[0] = step + 1
    this.#totals[1]! += 1 + 2 * this.share * this.share * squares
  }
}

/** (C + 10⁻⁶ I)⁻¹ c by elimination; C is a correlation matrix of at most four rows. */
function solved(entry: (i: number, j: number) => number, c: Float64Array): Float64Array {
  const n = c.length
  const rows = Array.from({ length: n }, (_, i) =>
    Array.from({ length: n + 1 }, (_, j) => (j === n ? c[i]! : entry(i, j) + (i === j ? 1e-6 : 0)))
  )
  for (let p = 0; p < n; p++) {
    for (let i = p + 1; i < n; i++) {
      const factor = rows[i]![p]! / rows[p]![p]!
      for (let j = p; j <= n; j++) rows[i]![j]! -= factor * rows[p]![j]!
    }
  }
  const x = new Float64Array(n)
  for (let i = n - 1; i >= 0; i--) {
    let rest = rows[i]![n]!
    for (let j = i + 1; j < n; j++) rest -= rows[i]![j]! * x[j]!
    x[i] = rest / rows[i]![i]!
  }
  return x
}
