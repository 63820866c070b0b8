import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { columnIndex, padded, panels } from '../../linalg/panels.ts'
import {
  type Block,
  fillPanels,
  fromOwner,
  mix,
  ownsTensor,
  partsOf,
  readingBytes,
  readWeights,
  type StageContext,
  type Step,
  scatterOf,
} from '../../stage/index.ts'
import { activations } from './activation.ts'
import { edgeKernels } from './kernels.gen.ts'
import type { Layer } from './network.ts'
import type { EdgeOptions } from './spec.ts'

/** Number of random vectors by which the Jacobian of each input is multiplied. */
const probes = 8

/** Distance between two starts of a pair. */
const apart = 1e-4

/** The iteration ends when the mean norm of the activity leaves this range. */
const range = [1e-10, 1e10] as const

/** Results of iterating the hidden map, each with its standard error over the inputs. */
export interface HiddenMeasures {
  readonly asymptoticDistance: number
  readonly asymptoticDistanceError: number
  readonly jacobianNorm: number
  readonly jacobianNormError: number
}

/** Addresses for an iteration, sized by the largest width of a layer. */
export interface HiddenRoom {
  readonly weights: readonly number[]
  readonly activity: number
  readonly product: number
  readonly slopes: number
  readonly tangents: number
  readonly tangentProduct: number
  readonly staging: number
  readonly bytes: number
}

export function layHidden(address: number, layers: readonly Layer[], inputs: number): HiddenRoom {
  let next = address
  const take = (size: number): number => {
    next += size
    return next - size
  }
  const width = Math.max(...layers.flatMap((layer) => [layer.inputs, layer.outputs]))
  const [activity, tangents] = [2 * inputs, probes * inputs].map((n) => panels(width, n).bytes)
  return {
    weights: layers.map((layer) => take(panels(layer.inputs, layer.outputs).bytes)),
    activity: take(activity!),
    product: take(activity!),
    slopes: take(activity!),
    tangents: take(tangents!),
    tangentProduct: take(tangents!),
    staging: take(readingBytes),
    bytes: next - address,
  }
}

type Context = Pick<StageContext<EdgeOptions>, 'arena' | 'scope' | 'options'>

/**
 * Feeds the hidden map its own output, from random starts in pairs 1e-4 apart. Measures the distance that they end at (the mean over the
 * last fifth of the iterations) and the Jacobian there, ‖J‖_F / √N by random vectors. Every shard has the activity; the owner of each layer
 * multiplies.
 */
export function* iterateHidden(
  context: Context,
  layers: readonly Layer[],
  block: Block,
  column: number,
  look: number,
  room: HiddenRoom
): Step<HiddenMeasures> {
  const { arena, options } = context
  const { inputs, iterations } = options
  const width = layers[0]!.inputs
  const rows = padded(width)
  const seed = mix(options.seed ^ mix(look))
  const biases = yield* load(context, layers, block, column, room)
  begin(context, width, inputs, seed, room.activity)
  const distances = new Float64Array(inputs)
  let counted = 0
  for (let t = 1; t <= iterations; t++) {
    for (const [l, layer] of layers.entries())
      yield* apply(context, room, l, layer, biases[l], 2 * inputs)
    const view = arena.f64(room.activity, rows * padded(2 * inputs))
    const isLast = t === iterations || !isInRange(view, rows, inputs)
    if (t > 0.8 * iterations || isLast) {
      addDistances(distances, view, rows)
      counted++
    }
    if (isLast) break
  }
  const norms = yield* jacobianNorms(context, layers, biases, seed, room)
  const [distance, distanceError] = meanOf(distances.map((value) => value / counted))
  const [norm, normError] = meanOf(norms.map((value) => value / Math.sqrt(width)))
  return {
    asymptoticDistance: distance,
    asymptoticDistanceError: distanceError,
    jacobianNorm: norm,
    jacobianNormError: normError,
  }
}

/** Loads the weights of the layers that this shard owns into panels, a column for each output, and the biases into all shards. */
function* load(
  { arena, scope }: Context,
  layers: readonly Layer[],
  block: Block,
  column: number,
  { weights, staging }: HiddenRoom
): Step<(Float64Array | undefined)[]> {
  const biases: (Float64Array | undefined)[] = []
  for (const [l, { kernel, shape, bias, inputs, outputs }] of layers.entries()) {
    if (ownsTensor(scope, kernel)) {
      const view = arena.f64(weights[l]!, padded(inputs) * padded(outputs)).fill(0)
      const part = partsOf(shape, 1)[0]!
      const take = (piece: Float64Array, first: number): void =>
        fillPanels(view, part, piece, first, shape.outputs === 'rows')
      readWeights(arena, block, scope, column, staging, take, kernel)
    }
    const read = (): Float64Array => {
      const values = new Float64Array(outputs)
      readWeights(
        arena,
        block,
        scope,
        column,
        staging,
        (piece, first) => values.set(piece, first),
        bias
      )
      return values
    }
    biases.push(bias && (yield* fromOwner(scope, outputs, read, ownsTensor(scope, bias))))
  }
  return biases
}

/** Starts with normal numbers: the first columns hold one input each, and the perturbed copies follow after as many columns. */
function begin({ arena }: Context, width: number, inputs: number, seed: number, at: number): void {
  const { noise } = arena.kernels(linalgKernels)
  const rows = padded(width)
  noise({ y: at, rows: width, columns: 2 * inputs, long: rows, seed })
  const view = arena.f64(at, rows * padded(2 * inputs))
  for (let k = 0; k < inputs; k++) {
    const [own, other] = [columnIndex(rows, k, 8), columnIndex(rows, inputs + k, 8)]
    for (let i = 0; i < 4 * rows; i += 4)
      view[other + i] = view[own + i]! + apart * view[other + i]!
  }
}

/** activity <- φ(W activity + b) on every shard; also writes the slopes to `slopes` if given. */
function* apply(
  { arena, scope }: Context,
  room: HiddenRoom,
  l: number,
  { kernel, inputs, outputs, activation }: Layer,
  bias: Float64Array | undefined,
  columns: number,
  wantsSlopes = false
): Step<void> {
  const [k, m, n] = [padded(inputs), padded(outputs), padded(columns)]
  const length = m * n
  const isOwn = ownsTensor(scope, kernel)
  const make = (): Float64Array => {
    const out = { start: room.product, row: 32, panel: 32 * m }
    const inner = { a: room.weights[l]!, m, b: room.activity, n, k, isSymmetric: false, out }
    arena.kernels(linalgKernels).inner_f64(inner)
    const view = arena.f64(room.product, length)
    if (bias) addBias(view, m, n, bias)
    const kind = activations.indexOf(activation)
    const slopes = wantsSlopes ? room.slopes : 0
    arena.kernels(edgeKernels).edge_activate({ x: room.product, n: length, kind, slopes })
    return view
  }
  arena.f64(room.activity, length).set(yield* fromOwner(scope, length, make, isOwn))
  if (!wantsSlopes) return
  const slopes = arena.f64(room.slopes, length)
  slopes.set(yield* fromOwner(scope, length, () => slopes, isOwn))
}

function addBias(view: Float64Array, rows: number, columns: number, bias: Float64Array): void {
  for (let j = 0; j < columns; j++) {
    const column = columnIndex(rows, j, 8)
    for (let i = 0; i < bias.length; i++) view[column + 4 * i]! += bias[i]!
  }
}

/** ‖J‖_F of the map at each input, from ‖J z‖² over random z. */
function* jacobianNorms(
  context: Context,
  layers: readonly Layer[],
  biases: readonly (Float64Array | undefined)[],
  seed: number,
  room: HiddenRoom
): Step<Float64Array> {
  const { arena, scope, options } = context
  const { inputs } = options
  const columns = probes * inputs
  const width = layers[0]!.inputs
  const { noise, inner_f64 } = arena.kernels(linalgKernels)
  const long = padded(width)
  noise({ y: room.tangents, rows: width, columns, long, seed: mix(seed ^ 0x4a61636f) })
  for (const [l, layer] of layers.entries()) {
    yield* apply(context, room, l, layer, biases[l], inputs, true)
    const [k, m, n] = [padded(layer.inputs), padded(layer.outputs), padded(columns)]
    const make = (): Float64Array => {
      const out = { start: room.tangentProduct, row: 32, panel: 32 * m }
      inner_f64({ a: room.weights[l]!, m, b: room.tangents, n, k, isSymmetric: false, out })
      return arena.f64(room.tangentProduct, m * n)
    }
    const product = yield* fromOwner(scope, m * n, make, ownsTensor(scope, layer.kernel))
    const slopes = arena.f64(room.slopes, m * padded(inputs))
    const tangents = arena.f64(room.tangents, m * n)
    for (let j = 0; j < columns; j++) {
      const [own, slope] = [columnIndex(m, j, 8), columnIndex(m, Math.floor(j / probes), 8)]
      for (let i = 0; i < 4 * m; i += 4) tangents[own + i] = product[own + i]! * slopes[slope + i]!
    }
  }
  const tangents = arena.f64(room.tangents, long * padded(columns))
  return Float64Array.from({ length: inputs }, (_, input) => {
    let sum = 0
    for (let probe = 0; probe < probes; probe++) {
      const column = columnIndex(long, probes * input + probe, 8)
      for (let i = 0; i < 4 * long; i += 4) sum += tangents[column + i]! ** 2
    }
    return Math.sqrt(sum / probes)
  })
}

function addDistances(distances: Float64Array, view: Float64Array, rows: number): void {
  const inputs = distances.length
  for (let k = 0; k < inputs; k++) {
    const [own, other] = [columnIndex(rows, k, 8), columnIndex(rows, inputs + k, 8)]
    let sum = 0
    for (let i = 0; i < 4 * rows; i += 4) sum += (view[own + i]! - view[other + i]!) ** 2
    distances[k]! += Math.sqrt(sum)
  }
}

function isInRange(view: Float64Array, rows: number, inputs: number): boolean {
  let norms = 0
  for (let k = 0; k < inputs; k++) {
    const column = columnIndex(rows, k, 8)
    let sum = 0
    for (let i = 0; i < 4 * rows; i += 4) sum += view[column + i]! ** 2
    norms += Math.sqrt(sum)
  }
  const mean = norms / inputs
  return mean >= range[0] && mean <= range[1]
}

/** Mean, and its standard error. */
function meanOf(values: Float64Array): [mean: number, error: number] {
  const count = values.length
  const { mean, squares } = scatterOf(values)
  return [mean, Math.sqrt(squares / (count - 1) / count)]
}
