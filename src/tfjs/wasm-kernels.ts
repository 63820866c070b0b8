import type * as TensorFlow from '@tensorflow/tfjs'

interface Inputs {
  /** Activations [n, height, width, channels] and the gradient [n, outHeight, outWidth, outChannels]. */
  readonly x: TensorFlow.Tensor4D
  readonly dy: TensorFlow.Tensor4D
}

interface Attributes {
  readonly strides: number | [number, number]
  readonly pad: Parameters<typeof TensorFlow.backend_util.computeConv2DInfo>[4]
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
  readonly filterShape: [number, number, number, number]
}

/**
 * Gives TF.js's WASM backend what it lacks to train convolutions: the gradient of `conv2d` with respect to its filter.
 * Once is enough; where a kernel of that name exists, it is left alone.
 *
 * @param tf the TF.js module in use, `@tensorflow/tfjs` or one like it
 */
export function registerMissingWasmKernels(tf: typeof TensorFlow): void {
  const kernelName = 'Conv2DBackpropFilter'
  const backendName = 'wasm'
  if (tf.getKernelsForBackend(backendName).some((kernel) => kernel.kernelName === kernelName))
    return
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) =>
      tf.tidy(() =>
        filterGradient(tf, inputs as unknown as Inputs, attrs as unknown as Attributes)
      ),
  })
}

/**
 * dW[a, b, c, o] = Σ over n, i, j of x[n, s i + a, s j + b, c] dy[n, i, j, o], for strides s.
 *
 * That is a convolution too, one that the backend is fast at: of x with its channels as the batch and its batch as the
 * channels, by the filter dy[i, j, n, o], dilated by the strides. Rows and columns that no filter position reaches are
 * left off first. Sums are of n · outHeight · outWidth terms in f32.
 */
function filterGradient(tf: typeof TensorFlow, { x, dy }: Inputs, attributes: Attributes) {
  const { strides, pad, dimRoundingMode, filterShape } = attributes
  const conv = tf.backend_util.computeConv2DInfo(
    x.shape,
    filterShape,
    strides,
    1,
    pad,
    dimRoundingMode
  )
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth } = conv
  const height = (conv.outHeight - 1) * strideHeight + filterHeight
  const width = (conv.outWidth - 1) * strideWidth + filterWidth
  const padded = tf.pad(x, [
    [0, 0],
    [padInfo.top, Math.max(0, height - conv.inHeight - padInfo.top)],
    [padInfo.left, Math.max(0, width - conv.inWidth - padInfo.left)],
    [0, 0],
  ])
  const reached = tf.slice(padded, [0, 0, 0, 0], [conv.batchSize, height, width, conv.inChannels])
  const gradient = tf.conv2d(
    tf.transpose(reached, [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    [strideHeight, strideWidth]
  )
  return tf.transpose(gradient, [1, 2, 0, 3])
}
