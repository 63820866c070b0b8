import type { Complex } from '../../linalg/eigenvalues.ts'
import { jacobi } from '../../linalg/jacobi.ts'
import type { Fit } from './fitting/fit.ts'

/** By imaginary and real part: the smallest residual ‖φ' - z φ‖ / ‖φ‖ of any function φ at z. */
export interface Grid {
  readonly rows: readonly number[]
  readonly columns: readonly number[]
  readonly values: readonly (readonly number[])[]
}

/** The part of the plane that holds the eigenvalues on and above the real axis, with a margin of a quarter. */
export function pseudospectrum(fit: Fit, values: readonly Complex[], points: number): Grid {
  const { modes, map } = fit
  const reals = values.map(({ re }) => re)
  const [low, high] = [least(reals), -least(reals.map((re) => -re))]
  const top = -least(values.map(({ im }) => -im))
  const margin = Math.max(0.05, (high - low) / 4, top / 4)
  const between = (from: number, to: number): number[] =>
    Array.from({ length: points }, (_, i) => from + ((to - from) * i) / Math.max(1, points - 1))
  const rows = between(0, top + margin)
  const columns = between(low - margin, high + margin)
  const later = laterProducts(fit)
  const at = (x: number, y: number): number => {
    // (Φ' - z Φ)ᴴ(Φ' - z Φ) = L - z Mᵀ - z̄ M + |z|², as a real matrix of twice the size.
    const size = 2 * modes
    const real = new Float64Array(size * size)
    for (let i = 0; i < modes; i++) {
      for (let j = 0; j < modes; j++) {
        const [m, mt] = [map[i * modes + j]!, map[j * modes + i]!]
        const re = later[i * modes + j]! - x * (m + mt) + (i === j ? x * x + y * y : 0)
        const im = y * (m - mt)
        real[i * size + j] = re
        real[(modes + i) * size + modes + j] = re
        real[i * size + modes + j] = -im
        real[(modes + i) * size + j] = im
      }
    }
    const { values: squares, converged } = jacobi(real, size)
    return converged ? Math.sqrt(squares[size - 1]!) : Number.NaN
  }
  return { rows, columns, values: rows.map((y) => columns.map((x) => at(x, y))) }
}

/** L = Φ'ᵀ Φ'. */
function laterProducts({ modes, lengths, pairs }: Fit): Float64Array {
  const out = new Float64Array(modes * modes)
  for (let at = modes; at < pairs.length; at += 2 * modes) {
    for (let i = 0; i < modes; i++) {
      for (let j = 0; j < modes; j++) {
        out[i * modes + j]! += (pairs[at + i]! / lengths[i]!) * (pairs[at + j]! / lengths[j]!)
      }
    }
  }
  return out
}

const least = (values: readonly number[]): number =>
  values.reduce((smallest, value) => Math.min(smallest, value), Infinity)
