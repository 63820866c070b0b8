/** A matrix with the eigenvalues of A (n x n by rows) and zeros below its subdiagonal: Qᵀ A Q, by Householder reflections. */
export function hessenberg(matrix: Float64Array, n: number): Float64Array {
  const h = matrix.slice()
  const v = new Float64Array(n)
  for (let k = 0; k < n - 2; k++) {
    let largest = 0
    for (let i = k + 2; i < n; i++) largest = Math.max(largest, Math.abs(h[i * n + k]!))
    if (largest === 0) continue
    largest = Math.max(largest, Math.abs(h[(k + 1) * n + k]!))
    let square = 0
    for (let i = k + 1; i < n; i++) {
      v[i] = h[i * n + k]! / largest
      square += v[i]! * v[i]!
    }
    v[k + 1]! += v[k + 1]! < 0 ? -Math.sqrt(square) : Math.sqrt(square)
    let norm = 0
    for (let i = k + 1; i < n; i++) norm += v[i]! * v[i]!
    for (let j = k; j < n; j++) {
      let sum = 0
      for (let i = k + 1; i < n; i++) sum += v[i]! * h[i * n + j]!
      for (let i = k + 1; i < n; i++) h[i * n + j]! -= (2 * sum * v[i]!) / norm
    }
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += h[i * n + j]! * v[j]!
      for (let j = k + 1; j < n; j++) h[i * n + j]! -= (2 * sum * v[j]!) / norm
    }
    for (let i = k + 2; i < n; i++) h[i * n + k] = 0
  }
  return h
}
