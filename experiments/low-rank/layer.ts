import type { Rank, Tensor2D, Variable } from '@tensorflow/tfjs'
import { Matrix, SingularValueDecomposition } from 'ml-matrix'
import type { TF } from '../../src/node/train/backends.ts'

/** A dense layer whose kernel is trained as it is or, once its bases are frozen, by the core S of U S Vᵀ. */
export class Layer {
  readonly inputs: number
  readonly outputs: number
  readonly #tf: TF
  readonly #bias: Variable
  #core: Variable<Rank.R2>
  /** U [inputs, rank] and Vᵀ [rank, outputs]. */
  #bases: { readonly u: Tensor2D; readonly v: Tensor2D } | undefined

  constructor(tf: TF, inputs: number, outputs: number, kernel: Float64Array) {
    this.inputs = inputs
    this.outputs = outputs
    this.#tf = tf
    this.#core = tf.variable(tf.tensor2d(Float32Array.from(kernel), [inputs, outputs]))
    this.#bias = tf.variable(tf.zeros([outputs]))
  }

  get rank(): number {
    return Math.min(...this.#core.shape)
  }

  get trainable(): readonly Variable[] {
    return [this.#core, this.#bias]
  }

  apply(x: Tensor2D): Tensor2D {
    const core = this.#core
    const { u, v } = this.#bases ?? {}
    const product = u && v ? x.matMul(u).matMul(core).matMul(v) : x.matMul(core)
    return product.add(this.#bias)
  }

  /** The whole kernel. */
  async kernel(): Promise<Float32Array> {
    const whole = this.#tf.tidy(() => {
      const core = this.#core
      return this.#bases ? this.#bases.u.matMul(core).matMul(this.#bases.v) : core.clone()
    })
    const values = (await whole.data()) as Float32Array
    whole.dispose()
    return values
  }

  /** Freezes the bases as they are. */
  async freeze(): Promise<void> {
    await this.#turn(() => this.rank)
  }

  /** Turns the bases to the singular vectors of the core and drops those below a share β of its largest value: half at most. */
  async cut(beta: number): Promise<void> {
    const least = Math.max(
      Math.ceil(this.rank / 2),
      Math.ceil(0.01 * Math.min(this.inputs, this.outputs))
    )
    await this.#turn((values) => {
      const first = values.findIndex((own) => own < beta * values[0]!)
      return first < 0 ? this.rank : Math.max(first, least)
    })
  }

  async #turn(rankOf: (values: readonly number[]) => number): Promise<void> {
    const tf = this.#tf
    const { shape } = this.#core
    const matrix = Matrix.from1DArray(shape[0]!, shape[1]!, await this.#core.data())
    const svd = new SingularValueDecomposition(matrix, { autoTranspose: true })
    const values = svd.diagonal
    const kept = rankOf(values)
    const first = (from: Matrix) =>
      tf.tensor2d(from.subMatrix(0, from.rows - 1, 0, kept - 1).to2DArray())
    const [core, bases] = [this.#core, this.#bases]
    this.#core = tf.tidy(() => tf.variable(tf.diag(tf.tensor1d(values.slice(0, kept))) as Tensor2D))
    this.#bases = tf.tidy(() => {
      const u = first(svd.leftSingularVectors)
      const v: Tensor2D = tf.transpose(first(svd.rightSingularVectors))
      return bases ? { u: tf.matMul(bases.u, u), v: tf.matMul(v, bases.v) } : { u, v }
    })
    tf.dispose([core, bases?.u, bases?.v])
  }

  dispose(): void {
    this.#tf.dispose([this.#core, this.#bias, this.#bases?.u, this.#bases?.v])
  }
}
