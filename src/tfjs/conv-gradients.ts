import type * as TensorFlow from '@tensorflow/tfjs'

type TF = typeof TensorFlow
type Tensor4D = TensorFlow.Tensor4D
type Shape = [number, number, number, number]

/** The attributes of a convolution of activations [n, height, width, c]. */
interface Attributes {
  readonly strides: number | [number, number]
  readonly pad: Parameters<TF['backend_util']['computeConv2DInfo']>[4]
  readonly dimRoundingMode?: 'floor' | 'round' | 'ceil'
}

/** Attributes of a gradient with respect to the filter, or to the activations. */
export type FilterAttributes = Attributes & { readonly filterShape: Shape }
export type InputAttributes = Attributes & { readonly inputShape: Shape }

/** Activations, and the gradient [n, outHeight, outWidth, o] of the convolution's output. */
export interface FilterInputs {
  readonly x: Tensor4D
  readonly dy: Tensor4D
}

/**
 * dW[a, b, c, o] = Σ over n, i, j of x[n, s i + a, s j + b, c] dy[n, i, j, o], for strides s.
 *
 * This is a convolution too, and the backend computes it fast: x with channels and batch exchanged, by the filter dy[i, j, n, o],
 * dilated by the strides. Each sum has n · outHeight · outWidth terms in f32.
 */
export function filterGradient(tf: TF, { x, dy }: FilterInputs, attributes: FilterAttributes) {
  const { filterShape } = attributes
  const conv = shapes(tf, x.shape, filterShape, attributes)
  const gradient = tf.conv2d(
    tf.transpose(reached(tf, x, conv), [3, 1, 2, 0]),
    tf.transpose(dy, [1, 2, 0, 3]),
    1,
    'valid',
    'NHWC',
    [conv.strideHeight, conv.strideWidth]
  )
  return tf.transpose(gradient, [1, 2, 0, 3])
}

/**
 * dW[a, b, c, m] = Σ over n, i, j of x[n, s i + a, s j + b, c] dy[n, i, j, (c, m)], for a depthwise convolution.
 *
 * For each n this is a depthwise convolution of x by dy, dilated by the strides. So one depthwise convolution with (n, c) as the
 * channels computes all of them; the result is summed over n.
 */
export function depthwiseFilterGradient(
  tf: TF,
  { x, dy }: FilterInputs,
  attributes: FilterAttributes
) {
  const { filterShape } = attributes
  const conv = shapes(tf, x.shape, filterShape, attributes, true)
  const { batchSize: n, outHeight, outWidth, outChannels, strideHeight, strideWidth } = conv
  const window = reached(tf, x, conv)
  const [, height, width, c] = window.shape
  const gradients = tf.depthwiseConv2d(
    tf.reshape(tf.transpose(window, [1, 2, 0, 3]), [1, height, width, n * c]) as Tensor4D,
    tf.reshape(tf.transpose(dy, [1, 2, 0, 3]), [outHeight, outWidth, n * c, filterShape[3]]),
    1,
    'valid',
    'NHWC',
    [strideHeight, strideWidth]
  )
  return tf.reshape(tf.sum(tf.reshape(gradients, [-1, n, outChannels]), 1), filterShape)
}

/**
 * dx[n, h, w, c] = Σ over a, b, m with h = s i + a - top, w = s j + b - left of dy[n, i, j, (c, m)] W[a, b, c, m].
 *
 * This is a depthwise convolution of dy, spread out by the strides, with W turned around, and then a sum over m.
 */
export function depthwiseInputGradient(
  tf: TF,
  { dy, filter }: { readonly dy: Tensor4D; readonly filter: Tensor4D },
  attributes: InputAttributes
) {
  const { inputShape } = attributes
  const [filterHeight, filterWidth, c, m] = filter.shape
  const conv = shapes(tf, inputShape, filter.shape, attributes, true)
  const spread = spreadOut(tf, spreadOut(tf, dy, 1, conv.strideHeight), 2, conv.strideWidth)
  const gradients = tf.depthwiseConv2d(
    framed(
      tf,
      spread,
      [filterHeight - 1 - conv.padInfo.top, filterWidth - 1 - conv.padInfo.left],
      [conv.inHeight + filterHeight - 1, conv.inWidth + filterWidth - 1]
    ),
    tf.reshape(tf.reverse(filter, [0, 1]), [filterHeight, filterWidth, c * m, 1]) as Tensor4D,
    1,
    'valid'
  )
  return tf.reshape(tf.sum(tf.reshape(gradients, [-1, m]), 1), inputShape)
}

type Conv = ReturnType<TF['backend_util']['computeConv2DInfo']>

function shapes(tf: TF, x: Shape, filter: Shape, of: Attributes, depthwise = false): Conv {
  const { strides, pad, dimRoundingMode } = of
  const { computeConv2DInfo } = tf.backend_util
  return computeConv2DInfo(x, filter, strides, 1, pad, dimRoundingMode, depthwise)
}

/** The part of the activations that a filter reaches, with padding. */
function reached(tf: TF, x: Tensor4D, conv: Conv): Tensor4D {
  const height = (conv.outHeight - 1) * conv.strideHeight + conv.filterHeight
  const width = (conv.outWidth - 1) * conv.strideWidth + conv.filterWidth
  return framed(tf, x, [conv.padInfo.top, conv.padInfo.left], [height, width])
}

/** Rows and columns of the given size, starting this many before the first one, with zeros outside the tensor. */
function framed(
  tf: TF,
  x: Tensor4D,
  [top, left]: readonly [number, number],
  [height, width]: readonly [number, number]
): Tensor4D {
  const [n, h, w, c] = x.shape
  const padded = tf.pad(x, [
    [0, 0],
    [Math.max(0, top), Math.max(0, height - h - top)],
    [Math.max(0, left), Math.max(0, width - w - left)],
    [0, 0],
  ])
  return tf.slice(padded, [0, Math.max(0, -top), Math.max(0, -left), 0], [n, height, width, c])
}

/** Puts `stride - 1` zeros after each element along an axis. */
function spreadOut(tf: TF, x: Tensor4D, axis: 1 | 2, stride: number): Tensor4D {
  if (stride === 1) return x
  const zeros = Array<Tensor4D>(stride - 1).fill(tf.zerosLike(x))
  const shape = x.shape.map((size, i) => (i === axis ? size * stride : size)) as Shape
  return tf.reshape(tf.stack([x, ...zeros], axis + 1), shape)
}
