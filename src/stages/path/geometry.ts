import { jacobi } from '../../linalg/jacobi.ts'
import { sinCos } from '../../stage/index.ts'

/** Points at places on an even grid, with the products of all their displacements. */
export interface Points {
  readonly places: readonly number[]
  product(i: number, j: number): number
}

/** Cosines of all pairs of some vectors. */
export const cosines = (
  vectors: readonly number[],
  product: (i: number, j: number) => number
): number[][] =>
  vectors.map((i) =>
    vectors.map((j) => {
      const size = Math.sqrt(product(i, i)) * Math.sqrt(product(j, j))
      return i === j ? 1 : Math.max(-1, Math.min(1, product(i, j) / size))
    })
  )

/** Mean of all entries; NaN if there are none. */
export function meanOf(values: readonly (readonly number[])[]): number {
  const all = values.flat()
  return all.length > 0 ? all.reduce((sum, value) => sum + value, 0) / all.length : Number.NaN
}

export function distance({ product }: Points, i: number, j: number): number {
  return Math.sqrt(Math.max(0, product(i, i) + product(j, j) - 2 * product(i, j)))
}

export interface Turn {
  /** Number of grid places. */
  readonly lag: number
  readonly cosine: number
  readonly pairs: number
}

/** Mean cosines of updates from one place of the grid to the next, at lags 1, 2, 4 ... */
export function turnsOf({ places, product }: Points): Turn[] {
  const updates = places.slice(1).flatMap((place, i) => (place === places[i]! + 1 ? [i] : []))
  const along = (i: number, j: number): number =>
    product(i + 1, j + 1) - product(i + 1, j) - product(i, j + 1) + product(i, j)
  const found: Turn[] = []
  for (let lag = 1; 2 * lag < places.length; lag *= 2) {
    let sum = 0
    let pairs = 0
    for (const i of updates) {
      const j = updates.find((other) => places[other] === places[i]! + lag)
      const size = j === undefined ? 0 : Math.sqrt(along(i, i)) * Math.sqrt(along(j, j))
      if (!(size > 0)) continue
      sum += along(i, j!) / size
      pairs++
    }
    if (pairs > 0) found.push({ lag, cosine: Math.max(-1, Math.min(1, sum / pairs)), pairs })
  }
  return found
}

export interface Principal {
  /** Shares of the variance, largest first, as many as there can be. */
  readonly shares: readonly number[]
  /** By component, then by point: the coordinate of the path along the component. */
  readonly scores: readonly (readonly number[])[]
}

/** Principal components of points about their mean; undefined if the points do not move. */
export function principalOf({ places, product }: Points): Principal | undefined {
  const n = places.length
  const means = places.map((_, i) => places.reduce((sum, _, j) => sum + product(i, j), 0) / n)
  const mean = means.reduce((sum, value) => sum + value, 0) / n
  const gram = Float64Array.from({ length: n * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n]
    return product(i, j) - means[i]! - means[j]! + mean
  })
  const { values, vectors, converged } = jacobi(gram, n)
  const whole = values.reduce((sum, value) => sum + value, 0)
  if (!converged || !(whole > 0)) return undefined
  // About their mean, n points span n - 1 directions.
  const components = Array.from({ length: n - 1 }, (_, k) => k)
  return {
    shares: components.map((k) => values[k]! / whole),
    scores: components.map((k) => {
      // The sign is chosen so that the path ends on the positive side.
      const sign = vectors[(n - 1) * n + k]! < 0 ? -1 : 1
      return places.map((_, i) => sign * Math.sqrt(values[k]!) * vectors[i * n + k]!)
    }),
  }
}

/**
 * Mean share of the squares of the first three components that is explained by cosines of half a turn, a whole turn and one and a half
 * turns over the path: these are the components of a random walk (Antognini and Sohl-Dickstein 2018).
 */
export function lissajousOf({ places }: Points, { scores }: Principal): number {
  const length = places.at(-1)! - places[0]! + 1
  const told = scores.slice(0, 3).map((score, k) => {
    const wave = places.map((place) => {
      const turns = ((k + 1) * (place - places[0]! + 0.5)) / length / 2
      return sinCos((turns - Math.floor(turns)) * 2 * Math.PI)[1]
    })
    const mean = wave.reduce((sum, value) => sum + value, 0) / wave.length
    let [along, square, own] = [0, 0, 0]
    score.forEach((value, i) => {
      const centred = wave[i]! - mean
      along += value * centred
      square += centred * centred
      own += value * value
    })
    return own > 0 ? (along * along) / (square * own) : 0
  })
  return told.reduce((sum, share) => sum + share, 0) / told.length
}
