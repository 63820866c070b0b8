import type * as TensorFlow from '@tensorflow/tfjs'
import {
  depthwiseFilterGradient,
  depthwiseInputGradient,
  filterGradient,
} from './conv-gradients.ts'

type Gradient = (tf: typeof TensorFlow, inputs: never, attributes: never) => TensorFlow.Tensor

const gradients: Readonly<Record<string, Gradient>> = {
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
}

/**
 * Adds the kernels that TF.js's WASM backend lacks for training convolutions: the gradient of `conv2d` with respect to its
 * filter, and the gradients of `depthwiseConv2d` with respect to filter and input. Call it once. An existing kernel of the same
 * name is kept.
 *
 * @param tf the TF.js module in use: `@tensorflow/tfjs` or a similar one
 *
 * @example
 * ```ts
 * await tf.setBackend('wasm')
 * registerMissingWasmKernels(tf)
 * ```
 */
export function registerMissingWasmKernels(tf: typeof TensorFlow): void {
  const backendName = 'wasm'
  const known = new Set(tf.getKernelsForBackend(backendName).map(({ kernelName }) => kernelName))
  for (const [kernelName, gradient] of Object.entries(gradients)) {
    if (known.has(kernelName)) continue
    tf.registerKernel({
      kernelName,
      backendName,
      kernelFunc: ({ inputs, attrs }) =>
        tf.tidy(() => gradient(tf, inputs as never, attrs as never)),
    })
  }
}
