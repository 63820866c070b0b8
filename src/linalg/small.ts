import { cholesky } from './cholesky.ts'
import type { LinalgKernels } from './kernels.gen.ts'
import { turnAllPairs } from './sweeps.ts'

const unit = 2 ** -52

/** The small kernels of `assembly/linalg.ts` in plain TypeScript, with the same bits. */
export function small(
  buffer: ArrayBuffer
): Pick<
  LinalgKernels,
  'add_product' | 'cholesky' | 'diagonal' | 'jacobi_sweeps' | 'mirror' | 'place'
> {
  const view = (at: number, length: number): Float64Array => new Float64Array(buffer, at, length)
  return {
    add_product: ({ c, ofC, a, ofA, beside, b, ofB, rows, n, columns }) => {
      const right = Array.from({ length: n }, (_, k) => view(b + k * ofB, columns))
      const step = beside / 8
      for (let i = 0; i < rows; i++) {
        const to = view(c + i * ofC, columns)
        const left = view(a + i * ofA, n === 0 ? 0 : (n - 1) * step + 1)
        let k = 0
        for (; k + 4 <= n; k += 4) {
          const [p, q, r, s] = four((j) => left[(k + j) * step]!)
          if (p === 0 && q === 0 && r === 0 && s === 0) continue
          const [w, x, y, z] = four((j) => right[k + j]!)
          for (let j = 0; j < columns; j++)
            to[j]! += p * w[j]! + q * x[j]! + (r * y[j]! + s * z[j]!)
        }
        for (; k < n; k++) {
          for (let j = 0; j < columns; j++) to[j]! += left[k * step]! * right[k]![j]!
        }
      }
    },
    cholesky: ({ a, n, r }) => cholesky(view(a, n * n), n, view(r, n * n)),
    jacobi_sweeps: ({ a, v, n }) => Number(turnAllPairs(view(a, n * n), view(v, n * n), n)),
    mirror: ({ a, ofA, n }) => {
      for (let i = 1; i < n; i++) {
        const to = view(a + i * ofA, i)
        for (let j = 0; j < i; j++) to[j] = view(a + j * ofA, i + 1)[i]!
      }
    },
    place: ({ c, ofC, a, ofA, beside, rows, columns, factor, isAdded }) => {
      const step = beside / 8
      for (let i = 0; i < rows; i++) {
        const to = view(c + i * ofC, columns)
        const from = view(a + i * ofA, columns === 0 ? 0 : (columns - 1) * step + 1)
        for (let j = 0; j < columns; j++) {
          const value = factor * from[j * step]!
          to[j] = isAdded ? to[j]! + value : value
        }
      }
    },
    diagonal: ({ a, n, pitch, d, e, h, v, most }) => {
      const rows = Array.from({ length: n }, (_, i) => view(v + i * pitch, n).fill(0))
      for (let i = 0; i < n; i++) rows[i]![i] = 1
      view(h, n).forEach((half, i) => {
        if (half !== 0) reflect(rows.slice(0, i), view(a + i * pitch, i), half)
      })
      return Number(implicitQl(view(d, n), view(e, n), rows, most))
    },
  }
}

const four = <T>(of: (i: number) => T): [T, T, T, T] => [of(0), of(1), of(2), of(3)]

/** row <- row (I - u uᵀ / half) for each row, on its first elements. */
function reflect(rows: readonly Float64Array[], u: Float64Array, half: number): void {
  for (const row of rows) {
    let dot = 0
    for (let j = 0; j < u.length; j++) dot += row[j]! * u[j]!
    dot /= half
    for (let j = 0; j < u.length; j++) row[j]! -= dot * u[j]!
  }
}

/** Diagonalises T. The eigenvalues go to d, and `rows` are rotated along. */
function implicitQl(
  d: Float64Array,
  e: Float64Array,
  rows: readonly Float64Array[],
  most: number
): boolean {
  const n = d.length
  for (let l = 0; l < n; l++) {
    for (let steps = 0; ; steps++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m + 1]!) > unit * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) m++
      if (m === l) break
      if (steps === most) return false
      shifted(d, e, rows, l, m)
    }
  }
  return true
}

/** One implicit QL step on rows l .. m, with Wilkinson's shift. */
function shifted(
  d: Float64Array,
  e: Float64Array,
  rows: readonly Float64Array[],
  l: number,
  m: number
): void {
  const half = (d[l + 1]! - d[l]!) / (2 * e[l + 1]!)
  const root = Math.sqrt(half * half + 1)
  let g = d[m]! - d[l]! + e[l + 1]! / (half < 0 ? half - root : half + root)
  let [s, c, shift] = [1, 1, 0]
  if (m + 1 < d.length) e[m + 1] = 0
  for (let i = m - 1; i >= l; i--) {
    const f = s * e[i + 1]!
    const b = c * e[i + 1]!
    const r = Math.sqrt(f * f + g * g)
    if (i + 1 < m) e[i + 2] = r
    if (r === 0) {
      d[i + 1]! -= shift
      return
    }
    s = f / r
    c = g / r
    g = d[i + 1]! - shift
    const t = (d[i]! - g) * s + 2 * c * b
    shift = s * t
    d[i + 1] = g + shift
    g = c * t - b
    const [low, high] = [rows[i]!, rows[i + 1]!]
    for (let j = 0; j < low.length; j++) {
      const [x, y] = [low[j]!, high[j]!]
      high[j] = s * x + c * y
      low[j] = c * x - s * y
    }
  }
  d[l]! -= shift
  e[l + 1] = g
}
