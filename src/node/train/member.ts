import type { NamedTensorMap, Optimizer, Sequential, Tensor2D, Variable } from '@tensorflow/tfjs'
import { type Weight, weightsOf } from '../../tfjs/weights.ts'
import type { Metrics } from '../../wire/frame.ts'
import type { TF } from './backends.ts'
import type { Batch } from './batches.ts'
import type { TrainSettings } from './options.ts'
import type { Recipe } from './recipe.ts'

/** A network in training. */
export class Member {
  readonly weights: readonly Weight[]
  readonly #tf: TF
  readonly #network: Sequential
  readonly #variables: Variable[]
  readonly #optimizer: Optimizer
  readonly #decay: Decay

  constructor(tf: TF, recipe: Recipe, settings: TrainSettings) {
    this.#tf = tf
    this.#network = recipe.network(tf, settings.hidden)
    this.#variables = this.#network.trainableWeights.map((weight) => weight.read() as Variable)
    this.#optimizer = optimizerOf(tf, settings)
    this.weights = weightsOf(this.#network)
    const kernels = this.#variables.filter((_, i) => this.weights[i]!.role === 'kernel')
    this.#decay = decayOf(tf, settings, kernels)
  }

  /** Sets all weights, each rounded to the nearest f32. */
  assign(values: readonly Float64Array[]): void {
    const tf = this.#tf
    tf.tidy(() => {
      const tensor = ({ shape }: Weight, i: number) =>
        tf.tensor(Float32Array.from(values[i]!), shape as number[])
      this.#network.setWeights(this.weights.map(tensor))
    })
  }

  /** Takes a step on a batch. If `measures` is true, returns the loss and accuracy on the batch before the step. */
  async step({ x, y, labels }: Batch, measures: boolean): Promise<Metrics> {
    const tf = this.#tf
    let scores: Tensor2D | undefined
    const { value: loss, grads } = this.#optimizer.computeGradients(() => {
      scores = tf.keep(this.#network.apply(x, { training: true }) as Tensor2D)
      return tf.losses.softmaxCrossEntropy(y, scores)
    }, this.#variables)
    this.#decay(grads)
    this.#optimizer.applyGradients(grads)
    tf.dispose(grads)
    try {
      if (!measures) return {}
      const [value] = await loss.data()
      return { loss: value!, accuracy: accuracyOf(await scores!.data(), labels) }
    } finally {
      tf.dispose([loss, scores!])
    }
  }

  dispose(): void {
    this.#network.dispose()
    this.#optimizer.dispose()
  }
}

function optimizerOf(tf: TF, { optimizer, learningRate, momentum }: TrainSettings): Optimizer {
  switch (optimizer) {
    case 'sgd':
      return tf.train.sgd(learningRate)
    case 'momentum':
      return tf.train.momentum(learningRate, momentum)
    case 'adam':
    case 'adamw':
      return tf.train.adam(learningRate)
  }
}

/** Shrinks the weights before a step, or adds the decay to their gradients. */
type Decay = (gradients: NamedTensorMap) => void

function decayOf(
  tf: TF,
  { optimizer, weightDecay, learningRate }: TrainSettings,
  kernels: readonly Variable[]
): Decay {
  if (weightDecay === 0) return () => {}
  if (optimizer === 'adamw') {
    return () => {
      for (const kernel of kernels) {
        tf.tidy(() => kernel.assign(kernel.mul(1 - learningRate * weightDecay)))
      }
    }
  }
  return (gradients) => {
    for (const kernel of kernels) {
      const gradient = gradients[kernel.name]!
      gradients[kernel.name] = tf.tidy(() => gradient.add(kernel.mul(weightDecay)))
      gradient.dispose()
    }
  }
}

/** The share of samples whose own class has the highest score. */
function accuracyOf(scores: ArrayLike<number>, labels: Int32Array): number {
  const classes = scores.length / labels.length
  let right = 0
  labels.forEach((label, sample) => {
    const own = scores[sample * classes + label]!
    let highest = true
    for (let j = 0; j < classes; j++) {
      if (j !== label && !(own > scores[sample * classes + j]!)) highest = false
    }
    if (highest) right++
  })
  return right / labels.length
}
