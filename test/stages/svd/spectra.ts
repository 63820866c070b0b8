// Matrices of known singular values, as columns to stream.
import { random } from '../../engine/frames.ts'

/** Approximately normal numbers from a seed. */
export function normal(seed: number): () => number {
  const next = random(seed)
  return () => {
    let sum = 0
    for (let i = 0; i < 12; i++) sum += next()
    return sum / 2
  }
}

/** `count` orthonormal vectors of a length, from a seed: Gram-Schmidt, twice. */
export function orthonormal(length: number, count: number, seed: number): Float64Array[] {
  const next = normal(seed)
  const basis: Float64Array[] = []
  while (basis.length < count) {
    const v = Float64Array.from({ length }, next)
    for (let pass = 0; pass < 2; pass++) {
      for (const u of basis) {
        const c = u.reduce((sum, value, i) => sum + value * v[i]!, 0)
        for (let i = 0; i < length; i++) v[i]! -= c * u[i]!
      }
    }
    const norm = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0))
    basis.push(v.map((value) => value / norm))
  }
  return basis
}

/** The columns of U diag(sigma) Vᵀ with random U (rows) and V (steps). */
export function withSpectrum(
  rows: number,
  steps: number,
  sigma: readonly number[],
  seed = 1
): Float64Array[] {
  const u = orthonormal(rows, sigma.length, seed)
  const v = orthonormal(steps, sigma.length, seed + 1)
  return Array.from({ length: steps }, (_, t) => {
    const column = new Float64Array(rows)
    sigma.forEach((s, k) => {
      const factor = s * v[k]![t]!
      for (let i = 0; i < rows; i++) column[i]! += factor * u[k]![i]!
    })
    return column
  })
}

/**
 * The columns of U diag(sigma) Vᵀ with singular vectors out of Walsh functions, chosen and put in order at random: exact
 * in any floating-point arithmetic and quick for many values. `rows` and `steps` are powers of two.
 */
export function walshSpectrum(
  rows: number,
  steps: number,
  sigma: readonly number[],
  seed = 1
): Float64Array[] {
  const next = random(seed)
  const left = shuffled(rows, next)
  const right = shuffled(steps, next)
  const scale = 1 / Math.sqrt(rows * steps)
  return shuffled(steps, next).map((t) => {
    const column = new Float64Array(rows)
    sigma.forEach((s, k) => {
      column[left[k]!] = (isOdd(t & right[k]!) ? -s : s) * scale
    })
    return walshTransform(column)
  })
}

/** The left singular vectors of `walshSpectrum` in the order of its values. */
export function walshVectors(rows: number, count: number, seed = 1): Float64Array[] {
  const scale = 1 / Math.sqrt(rows)
  return shuffled(rows, random(seed))
    .slice(0, count)
    .map((k) =>
      walshTransform(Float64Array.from({ length: rows }, (_, i) => (i === k ? scale : 0)))
    )
}

function shuffled(n: number, next: () => number): number[] {
  const order = Array.from({ length: n }, (_, i) => i)
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(((next() + 1) / 2) * (i + 1))
    ;[order[i], order[j]] = [order[j]!, order[i]!]
  }
  return order
}

/** Whether an odd number of bits is set. */
function isOdd(bits: number): boolean {
  let parity = false
  for (let rest = bits; rest > 0; rest &= rest - 1) parity = !parity
  return parity
}

function walshTransform(x: Float64Array): Float64Array {
  for (let half = 1; half < x.length; half *= 2) {
    for (let i = 0; i < x.length; i += 2 * half) {
      for (let j = i; j < i + half; j++) {
        const [a, b] = [x[j]!, x[j + half]!]
        x[j] = a + b
        x[j + half] = a - b
      }
    }
  }
  return x
}

const falling: readonly ((i: number) => number)[] = [
  (i) => 0.9 ** i,
  (i) => 1 / (i + 1),
  (i) => 1 / Math.sqrt(i + 1),
  (i) => 1 / (i + 1) ** 2,
]

/** 160 steps of 256 weights along 128 directions: four spectra in turn, each four times without and then with momentum. */
export function persistent(draw: number): Float32Array[] {
  const length = 128
  const steps = 160
  const spectrum = falling[draw % 4]!
  const momentum = [0, 0.9][Math.floor(draw / 4) % 2]!
  const sigma = Array.from({ length }, (_, i) => spectrum(i))
  const basis = walshSpectrum(256, length, sigma, draw + 1)
  const next = normal(draw + 1)
  const course = new Float64Array(length)
  return Array.from({ length: steps }, () => {
    for (let k = 0; k < length; k++) course[k] = momentum * course[k]! + next()
    return Float32Array.from({ length: 256 }, (_, i) =>
      course.reduce((sum, c, k) => sum + c * basis[k]![i]!, 0)
    )
  })
}
