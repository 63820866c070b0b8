import { log, sinCos } from '../kernels/math.ts'
import { mix } from '../kernels/mix.ts'
import type { LinalgKernels, Out } from './kernels.gen.ts'
import { columnIndex, panelWidth } from './panels.ts'
import { small } from './small.ts'

type View = Float64Array | Float32Array

/** `assembly/linalg.ts` in plain TypeScript, on the same addresses of a buffer. */
export function reference(buffer: ArrayBuffer): LinalgKernels {
  const viewOf = (at: number, length: number, bytes: 4 | 8): View =>
    bytes === 8 ? new Float64Array(buffer, at, length) : new Float32Array(buffer, at, length)

  const innerOf =
    (bytes: 4 | 8): LinalgKernels['inner_f64'] =>
    ({ a, m, b, n, k, isSymmetric, out }) => {
      const [left, right] = [viewOf(a, k * m, bytes), viewOf(b, k * n, bytes)]
      const width = panelWidth(bytes)
      for (let j = 0; j < n; j++) {
        const q = columnIndex(k, j, bytes)
        const end = isSymmetric ? Math.min(m, j + 1) : m
        for (let i = 0; i < end; i++) {
          const p = columnIndex(k, i, bytes)
          let sum = 0
          for (let r = 0; r < k * width; r += width) sum += left[p + r]! * right[q + r]!
          viewOf(placeOf(out, i, j, bytes), 1, bytes)[0] = sum
        }
      }
    }

  const symmetricOf =
    (bytes: 4 | 8): LinalgKernels['symmetric_f64'] =>
    ({ n, shift, scale, out }) => {
      const element = (i: number, j: number): View => viewOf(placeOf(out, i, j, bytes), 1, bytes)
      for (let j = 0; j < n; j++) {
        for (let i = 0; i < j; i++) element(j, i)[0] = element(i, j)[0]! *= scale
        element(j, j)[0] = element(j, j)[0]! * scale + shift
      }
    }

  const multiplyOf =
    (bytes: 4 | 8): LinalgKernels['multiply_f64'] =>
    ({ y, m, n, p, s, out }) => {
      const width = panelWidth(bytes)
      const left = viewOf(y, m * n, bytes).slice()
      const right = viewOf(p, n * s, bytes)
      const product = viewOf(out, m * s, bytes)
      for (let j = 0; j < s; j++) {
        const [q, to] = [columnIndex(n, j, bytes), columnIndex(m, j, bytes)]
        for (let i = 0; i < m; i++) {
          let sum = 0
          for (let l = 0; l < n; l++) {
            sum += left[columnIndex(m, l, bytes) + i * width]! * right[q + l * width]!
          }
          product[to + i * width] = sum
        }
      }
    }

  return {
    ...small(buffer),
    inner_f64: innerOf(8),
    inner_f32: innerOf(4),
    symmetric_f64: symmetricOf(8),
    symmetric_f32: symmetricOf(4),
    multiply_f64: multiplyOf(8),
    multiply_f32: multiplyOf(4),
    noise: ({ y, rows, columns, long, seed }) => {
      const panels = 2 * Math.ceil(columns / 8)
      const out = new Float64Array(buffer, y, panels * long * 4)
      let squares = 0
      for (let j = 0; j < panels; j++) {
        const key = mix(seed ^ mix(j))
        for (let i = 0; i < long; i += 2) {
          for (let lane = 0; lane < 4; lane++) {
            const h = mix(key ^ mix(2 * i + lane))
            const radius = Math.sqrt(-2 * log((h + 0.5) * 2 ** -32))
            const [sin, cos] = sinCos(mix(h ^ 0x9e3779b9) * 1.4629180792671596e-9)
            for (const [k, normal] of [cos, sin].entries()) {
              const isThere = i + k < rows && 4 * j + lane < columns
              const value = isThere ? Math.fround(radius * normal) : 0
              out[(j * long + i + k) * 4 + lane] = value
              squares += value * value
            }
          }
        }
      }
      return squares
    },
    tridiagonal: ({ a, n, pitch, d, e, h }) => {
      const rows = Array.from({ length: n }, (_, i) => new Float64Array(buffer, a + i * pitch, n))
      const [diagonal, beside, halves] = [d, e, h].map((at) => new Float64Array(buffer, at, n))
      beside![0] = halves![0] = 0
      for (let i = n - 1; i >= 0; i--) {
        const x = rows[i]!
        diagonal![i] = x[i]!
        if (i > 0) [beside![i], halves![i]] = reflect(rows, x, i)
      }
    },
  }
}

/** Address of an element of a product. */
function placeOf({ start, row, panel }: Out, i: number, j: number, bytes: 4 | 8): number {
  const width = panelWidth(bytes)
  return start + i * row + Math.floor(j / width) * panel + (j % width) * bytes
}

/** Makes a reflector of the first i elements of row x, and applies it to the rows before. Returns e and h for it. */
function reflect(rows: readonly Float64Array[], x: Float64Array, i: number): [number, number] {
  const f = x[i - 1]!
  const sum = x.subarray(0, i - 1).reduce((total, value) => total + value * value, 0)
  if (sum === 0) return [f, 0]
  const norm = Math.sqrt(sum + f * f)
  const g = f < 0 ? norm : -norm
  const half = sum + f * f - f * g
  x[i - 1] = f - g
  const entry = (r: number, j: number): number => (j <= r ? rows[r]![j]! : rows[j]![r]!)
  const p = Float64Array.from({ length: i }, (_, r) => {
    let dot = 0
    for (let j = 0; j < i; j++) dot += entry(r, j) * x[j]!
    return dot / half
  })
  const k = p.reduce((total, value, j) => total + value * x[j]!, 0) / (2 * half)
  const q = p.map((value, j) => value - k * x[j]!)
  for (let r = 0; r < i; r++) {
    for (let j = 0; j <= r; j++) rows[r]![j]! -= x[r]! * q[j]! + q[r]! * x[j]!
  }
  return [g, half]
}
