import { jacobi } from '../../linalg/jacobi.ts'
import { multiply } from '../../linalg/matrix.ts'

/** Where runs lie in a plane. */
export interface Plane {
  readonly points: readonly (readonly [x: number, y: number])[]
  /** Share of the squared coordinates of all dimensions, those that no space has among them, that the plane holds. */
  readonly shown: number
}

/**
 * Runs as points of a plane whose distances are as near to theirs as can be: classical scaling (Torgerson 1952), the two leading
 * eigenvectors of -J D² J / 2, each as long as the root of its eigenvalue. Of the two signs, the one by which the largest
 * coordinate is positive. Undefined where a distance is not known or all runs are one.
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

/** Eigenvalues of a symmetric matrix that may be indefinite, largest first, with vectors as columns. */
function eigenOf(matrix: Float64Array, n: number) {
  // Jacobi's sweeps want a semidefinite matrix: all eigenvalues are moved up by the norm, and back.
  const up = Math.sqrt(sum(matrix.map((value) => value * value)))
  const moved = matrix.map((value, at) => value + (at % (n + 1) === 0 ? up : 0))
  const { vectors } = jacobi(moved, n)
  // By Rayleigh's quotients, which the move has not rounded.
  const images = multiply(matrix, vectors, n)
  const values = Float64Array.from({ length: n }, (_, k) => {
    let value = 0
    for (let i = 0; i < n; i++) value += vectors[i * n + k]! * images[i * n + k]!
    return value
  })
  return { values, vectors }
}

const sum = (values: Float64Array): number => values.reduce((a, b) => a + b, 0)
