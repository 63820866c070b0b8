import { jacobi } from '../../linalg/jacobi.ts'
import { multiply } from '../../linalg/matrix.ts'

/** The positions of runs in a plane. */
export interface Plane {
  readonly points: readonly (readonly [x: number, y: number])[]
  /** The plane's share of the squared coordinates in all dimensions, including those that no real space can have. */
  readonly shown: number
}

/**
 * Runs as points in a plane, so that distances are approximated as well as possible. This is classical scaling (Torgerson 1952):
 * the two leading eigenvectors of -J D² J / 2, each multiplied by the root of its eigenvalue. The sign is chosen so that the
 * largest coordinate is positive. Undefined if a distance is unknown or all runs coincide.
 *
 * @param distances total x total, symmetric
 */
export function planeOf(distances: Float64Array, total: number): Plane | undefined {
  if (total < 3 || !distances.every(Number.isFinite)) return undefined
  const squares = distances.map((own) => own * own)
  const means = Float64Array.from(
    { length: total },
    (_, i) => sum(squares.subarray(i * total, (i + 1) * total)) / total
  )
  const mean = sum(means) / total
  const centred = squares.map((own, at) => {
    const [i, j] = [Math.floor(at / total), at % total]
    return -(own - means[i]! - means[j]! + mean) / 2
  })
  const { values, vectors } = eigenOf(centred, total)
  const whole = values.reduce((sum, value) => sum + Math.abs(value), 0)
  if (!(whole > 0)) return undefined
  const along = (k: number): number[] => {
    const length = Math.sqrt(Math.max(0, values[k]!))
    const own = Array.from({ length: total }, (_, i) => length * vectors[i * total + k]!)
    const largest = own.reduce((a, b) => (Math.abs(b) > Math.abs(a) + 1e-9 * length ? b : a), 0)
    return largest < 0 ? own.map((value) => 0 - value) : own
  }
  const [x, y] = [along(0), along(1)]
  const shown = (Math.max(0, values[0]!) + Math.max(0, values[1]!)) / whole
  return { points: x.map((own, i) => [own, y[i]!] as const), shown }
}

/** Eigenvalues of a symmetric matrix that may be indefinite, largest first, with eigenvectors as columns. */
function eigenOf(matrix: Float64Array, n: number) {
  // Jacobi's method needs a semidefinite matrix, so all eigenvalues are shifted up by the norm.
  const up = Math.sqrt(sum(matrix.map((value) => value * value)))
  const moved = matrix.map((value, at) => value + (at % (n + 1) === 0 ? up : 0))
  const { vectors } = jacobi(moved, n)
  // Rayleigh quotients of the original matrix give the eigenvalues without the rounding errors of the shift.
  const images = multiply(matrix, vectors, n)
  const values = Float64Array.from({ length: n }, (_, k) => {
    let value = 0
    for (let i = 0; i < n; i++) value += vectors[i * n + k]! * images[i * n + k]!
    return value
  })
  return { values, vectors }
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
