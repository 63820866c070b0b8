import {
  fanIn,
  type MatrixShape,
  matrixOf,
  type PlanShape,
  type ScopeTensor,
} from '../../stage/index.ts'
import { type Activation, activations, isActivation } from './activation.ts'
import type { EdgeOptions } from './spec.ts'

/** A dense layer, x <- φ(W x + b). */
export interface Layer {
  readonly kernel: ScopeTensor
  readonly shape: MatrixShape
  readonly bias?: ScopeTensor
  readonly activation: Activation
  readonly inputs: number
  readonly outputs: number
}

/** The hidden map of a scope, or the reason why it cannot be iterated; undefined if the run declares no network. */
export type Network = { readonly layers: readonly Layer[] } | { readonly why: string }

/**
 * Reads `meta.network`: `[{ "kernel": "hidden/kernel", "bias": "hidden/bias", "activation": "tanh" }, ...]`, the dense layers from the
 * input to the last hidden layer of the same width.
 */
export function networkOf(
  { open, scope }: Pick<PlanShape, 'open' | 'scope'>,
  { layout }: Pick<EdgeOptions, 'layout'>
): Network | undefined {
  const { network } = open.meta
  if (network === undefined) return undefined
  if (!Array.isArray(network) || network.length === 0) {
    return { why: 'meta.network is not a list of layers' }
  }
  const named = (name: unknown): ScopeTensor | undefined =>
    scope.tensors.find((tensor) => tensor.name === name)
  const layers: Layer[] = []
  for (const [i, entry] of network.entries()) {
    const where = `meta.network[${i}]`
    const { kernel: name, bias: other, activation } = (entry ?? {}) as Record<string, unknown>
    const kernel = named(name)
    const shape = kernel && matrixOf(open.tensors[kernel.index]!, layout)
    if (!kernel || !shape) return { why: `${where}.kernel does not name a matrix of this scope` }
    if (!isActivation(activation)) {
      return { why: `${where}.activation is none of ${activations.join(', ')}` }
    }
    const inputs = fanIn(shape)
    const outputs = (shape.rows * shape.columns) / inputs
    const bias = other === undefined ? undefined : named(other)
    if (other !== undefined && bias?.rows !== outputs) {
      return { why: `${where}.bias does not name a tensor of this scope with ${outputs} elements` }
    }
    if (i > 0 && layers[i - 1]!.outputs !== inputs) {
      return {
        why: `${where} takes ${inputs} inputs, the layer before gives ${layers[i - 1]!.outputs}`,
      }
    }
    layers.push({ kernel, shape, ...(bias && { bias }), activation, inputs, outputs })
  }
  const [first] = layers
  const last = layers.at(-1)!
  if (first!.inputs === last.outputs) return { layers }
  return {
    why: `meta.network maps ${first!.inputs} to ${last.outputs} numbers; to be iterated it must give as many as it takes`,
  }
}
