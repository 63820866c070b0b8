import { hessenberg } from './hessenberg.ts'

/** Most double steps for one eigenvalue before the computation is given up. Two or three are usual. */
export const mostSteps = 60

const unit = 2 ** -52

export interface Complex {
  readonly re: number
  readonly im: number
}

/**
 * Eigenvalues of a real n x n matrix (by rows), largest modulus first; of a conjugate pair, the one above the real axis comes
 * first. The method is Hessenberg form, then Francis' implicit double shifts with deflation (Golub and Van Loan 4th ed., 7.5;
 * shifts and deflation as in EISPACK's `hqr`). Undefined if it does not converge or an entry is not finite.
 *
 * The error of an eigenvalue is a few units in the last place of ‖A‖, times its condition number.
 */
export function eigenvalues(matrix: Float64Array, n: number): Complex[] | undefined {
  if (!matrix.every(Number.isFinite)) return undefined
  const h = hessenberg(matrix, n)
  let norm = 0
  for (let at = 0; at < n * n; at++) norm += Math.abs(h[at]!)
  const found: Complex[] = []
  let shifted = 0
  for (let end = n - 1, steps = 0; end >= 0; ) {
    const start = decoupled(h, n, end, norm)
    if (start === end) {
      found.push({ re: h[end * n + end]! + shifted, im: 0 })
      end -= 1
      steps = 0
    } else if (start === end - 1) {
      found.push(...pair(h, n, start, shifted))
      end -= 2
      steps = 0
    } else {
      if (steps === mostSteps) return undefined
      // In rare cases the shifts run in a cycle. An exceptional shift breaks it.
      if (steps % 10 === 9) shifted += displace(h, n, end)
      francis(h, n, start, end, steps % 10 === 9)
      steps++
    }
  }
  return found.sort(
    (a, b) => b.re * b.re + b.im * b.im - (a.re * a.re + a.im * a.im) || b.re - a.re || b.im - a.im
  )
}

/** First row of the part that ends at `end`. The subdiagonal entry in that row is negligible. */
function decoupled(h: Float64Array, n: number, end: number, norm: number): number {
  for (let i = end; i > 0; i--) {
    const scale = Math.abs(h[(i - 1) * n + i - 1]!) + Math.abs(h[i * n + i]!)
    if (Math.abs(h[i * n + i - 1]!) <= unit * (scale > 0 ? scale : norm)) {
      h[i * n + i - 1] = 0
      return i
    }
  }
  return 0
}

/** Eigenvalues of the 2 x 2 block whose first row is i. */
function pair(h: Float64Array, n: number, i: number, shifted: number): [Complex, Complex] {
  const a = h[i * n + i]!
  const d = h[(i + 1) * n + i + 1]!
  const bc = h[i * n + i + 1]! * h[(i + 1) * n + i]!
  const p = (a - d) / 2
  const square = p * p + bc
  const root = Math.sqrt(Math.abs(square))
  if (square < 0) {
    const re = (a + d) / 2 + shifted
    return [
      { re, im: root },
      { re, im: -root },
    ]
  }
  // One root is the sum that does not cancel. The other follows from the product of both.
  const far = p < 0 ? p - root : p + root
  const near = far === 0 ? 0 : -bc / far
  return [
    { re: d + far + shifted, im: 0 },
    { re: d + near + shifted, im: 0 },
  ]
}

/** Moves the origin to the last diagonal entry. Returns the displacement. */
function displace(h: Float64Array, n: number, end: number): number {
  const by = h[end * n + end]!
  for (let i = 0; i <= end; i++) h[i * n + i]! -= by
  return by
}

/** One implicit double step on rows and columns start .. end. */
function francis(
  h: Float64Array,
  n: number,
  start: number,
  end: number,
  exceptional: boolean
): void {
  // The last two rows, and the first three, named by their diagonal entries.
  const last = end * n + end
  const before = last - n - 1
  let sum = h[before]! + h[last]!
  let product = h[before]! * h[last]! - h[before + 1]! * h[last - 1]!
  if (exceptional) {
    const s = Math.abs(h[last - 1]!) + Math.abs(h[before - 1]!)
    sum = 1.5 * s
    product = s * s
  }
  const at = start * n + start
  const first = h[at]!
  let x = (first * first - sum * first + product) / h[at + n]! + h[at + 1]!
  let y = first + h[at + n + 1]! - sum
  let z = h[at + 2 * n + 1]!
  const v = new Float64Array(3)
  for (let k = start; k < end; k++) {
    if (k === end - 1) z = 0
    if (reflector(v, x, y, z)) reflect(h, n, k, v, k < end - 1 ? 3 : 2, start, end)
    x = h[(k + 1) * n + k]!
    y = k + 2 <= end ? h[(k + 2) * n + k]! : 0
    z = k + 3 <= end ? h[(k + 3) * n + k]! : 0
  }
  for (let i = start + 2; i <= end; i++) {
    h[i * n + i - 2] = 0
    if (i > start + 2) h[i * n + i - 3] = 0
  }
}

/** v, of norm √2, of the reflection I - v vᵀ that maps (x, y, z) to the first axis; false for the zero vector. */
function reflector(v: Float64Array, x: number, y: number, z: number): boolean {
  const largest = Math.max(Math.abs(x), Math.abs(y), Math.abs(z))
  if (largest === 0) return false
  v[0] = x / largest
  v[1] = y / largest
  v[2] = z / largest
  const norm = Math.sqrt(v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!)
  v[0]! += v[0]! < 0 ? -norm : norm
  const scale = Math.sqrt(2 / (v[0]! * v[0]! + v[1]! * v[1]! + v[2]! * v[2]!))
  v[0]! *= scale
  v[1]! *= scale
  v[2]! *= scale
  return true
}

/** H <- Q H Q for the reflection Q on `size` rows from k on, within start .. end, except where H is known to be zero. */
function reflect(
  h: Float64Array,
  n: number,
  k: number,
  v: Float64Array,
  size: number,
  start: number,
  end: number
): void {
  const [a, b, c] = [v[0]!, v[1]!, size > 2 ? v[2]! : 0]
  // The third row if there is one; else the second row again, which has no effect.
  const third = size > 2 ? 2 : 1
  for (let j = Math.max(start, k - 1); j <= end; j++) {
    const at = k * n + j
    const sum = a * h[at]! + b * h[at + n]! + c * h[at + third * n]!
    h[at]! -= sum * a
    h[at + n]! -= sum * b
    h[at + third * n]! -= sum * c
  }
  for (let i = start; i <= Math.min(end, k + 3); i++) {
    const at = i * n + k
    const sum = a * h[at]! + b * h[at + 1]! + c * h[at + third]!
    h[at]! -= sum * a
    h[at + 1]! -= sum * b
    h[at + third]! -= sum * c
  }
}
