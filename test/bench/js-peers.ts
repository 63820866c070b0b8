// The same decomposition by libraries of JavaScript: f32 rows of steps in, singular values out.
import type { Tensor2D } from '@tensorflow/tfjs'
import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix'
import type { TF } from '../../src/node/train/backends.ts'

export interface Sizes {
  readonly rows: number
  readonly steps: number
  readonly rank: number
  readonly columns: number
  readonly block: number
}

/** C = M Mᵀ, C = V Λ Vᵀ, B <- Vᵀ M for M = [B; X]: products by TF.js in f32, eigenvectors by ml-matrix in f64. */
export function blockGramByTf(tf: TF, deltas: Float32Array, sizes: Sizes): number[] {
  const { rows, steps, rank, columns, block } = sizes
  let b = tf.zeros([0, rows]) as Tensor2D
  let squares: number[] = []
  for (let step = 0; step < steps; step += block) {
    const x = deltas.subarray(step * rows, (step + block) * rows)
    const m = tf.tidy(() => tf.concat2d([b, tf.tensor2d(x, [x.length / rows, rows])], 0))
    const c = tf.tidy(() => tf.matMul<Tensor2D>(m, m, false, true).arraySync())
    const { values, vectors } = leading(new Matrix(c), columns)
    squares = values
    tf.dispose(b)
    b = tf.tidy(() => tf.matMul(tf.tensor2d(vectors), m))
    tf.dispose(m)
  }
  tf.dispose(b)
  return squares.slice(0, rank).map(Math.sqrt)
}

/** The same with ml-matrix alone, in f64. */
export function blockGramByMlMatrix(deltas: Float32Array, sizes: Sizes): number[] {
  const { rows, steps, rank, columns, block } = sizes
  let b = new Matrix(0, rows)
  let squares: number[] = []
  for (let step = 0; step < steps; step += block) {
    const m = stacked(b, deltas, step, sizes)
    const { values, vectors } = leading(m.mmul(m.transpose()), columns)
    squares = values
    b = new Matrix(vectors).mmul(m)
  }
  return squares.slice(0, rank).map(Math.sqrt)
}

/** U Σ Vᵀ = [B X], B <- U Σ, by ml-matrix, in f64. */
export function stackedSvdByMlMatrix(deltas: Float32Array, sizes: Sizes): number[] {
  const { rows, steps, rank, columns, block } = sizes
  let b = new Matrix(0, rows)
  let sigma: number[] = []
  for (let step = 0; step < steps; step += block) {
    const m = stacked(b, deltas, step, sizes).transpose()
    const svd = new SingularValueDecomposition(m, { computeRightSingularVectors: false })
    sigma = svd.diagonal.slice(0, columns)
    const u = svd.leftSingularVectors.subMatrix(0, rows - 1, 0, sigma.length - 1)
    b = u.mulRowVector(sigma).transpose()
  }
  return sigma.slice(0, rank)
}

/** [B; X], a row for each column kept and each step. */
function stacked(b: Matrix, deltas: Float32Array, step: number, { rows, block }: Sizes): Matrix {
  const m = new Matrix(b.rows + block, rows)
  m.setSubMatrix(b, 0, 0)
  for (let j = 0; j < block; j++) {
    m.setRow(b.rows + j, Array.from(deltas.subarray((step + j) * rows, (step + j + 1) * rows)))
  }
  return m
}

/** The largest eigenvalues of a symmetric matrix, and their vectors as rows. */
function leading(c: Matrix, count: number): { values: number[]; vectors: number[][] } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(c, {
    assumeSymmetric: true,
  })
  const order = realEigenvalues
    .map((_, i) => i)
    .sort((i, j) => realEigenvalues[j]! - realEigenvalues[i]!)
    .slice(0, count)
  return {
    values: order.map((i) => realEigenvalues[i]!),
    vectors: order.map((i) => eigenvectorMatrix.getColumn(i)),
  }
}
