import { ThalwegError } from '../error.ts'
import { checkPayload } from './check-payload.ts'
import { encodeNumbers } from './dtype.ts'
import { encodeKeys, encodePart, type Keys } from './encode.ts'
import type { Dtype, Json, Metrics, Payload, Tensor } from './frame.ts'
import { dtypeBytes } from './frame.ts'
import { elementsOf } from './open.ts'
import { split } from './parts.ts'

const maxPartBytes = 16 * 2 ** 20

/** Values that a writer accepts: bytes in the tensor's dtype, or numbers, which are rounded to it. */
export type Values = Uint8Array | Float32Array | Float64Array | readonly number[]

/** One tensor's values: dense, null (unchanged), sparse by ascending indices, or a range that begins at element `o`. */
export type Data =
  | Values
  | null
  | { readonly i: Uint32Array; readonly v: Values }
  | { readonly o: number; readonly b: Values }

export interface RunOptions {
  readonly run: string
  readonly tensors: readonly Omit<Tensor, 'elements'>[]
  readonly members?: number
  readonly coupled?: boolean
  readonly meta?: { readonly [key: string]: Json }
  /** A step with more payload bytes than this is split into parts. Default: 16 MiB. */
  readonly partBytes?: number
}

interface Stepped {
  readonly step: number
  readonly member?: number
}

/** A frame with one payload per tensor, in the order of the tensors. */
export interface Carrying extends Stepped {
  /** Overrides every tensor's dtype for this frame. */
  readonly dtype?: Dtype
  readonly data: readonly Data[]
}

export interface Delta extends Carrying {
  readonly base?: number
  /** Number of the trainer's steps that this delta adds up. Default: 1. */
  readonly stride?: number
  readonly epoch?: number
  readonly metrics?: Metrics
}

export interface Tangent extends Carrying {
  readonly index: number
  readonly logScale?: number
  /** The triangular factor R of a re-orthonormalisation, k x k by rows. */
  readonly reset?: Float64Array
}

export interface Figures extends Stepped {
  readonly epoch?: number
  readonly metrics: Metrics
}

/**
 * Writes the frames of one run. Every method returns chunks of bytes to be written in order. Large payloads are not copied: their
 * chunks are views of the caller's arrays, so write them before the arrays change. If a step is split, only its first part has
 * `metrics` and `reset`, because they happened once.
 */
export interface FrameWriter {
  open(): Uint8Array[]
  anchor(frame: Carrying): Uint8Array[]
  delta(frame: Delta): Uint8Array[]
  tangent(frame: Tangent): Uint8Array[]
  metrics(frame: Figures): Uint8Array[]
  close(): Uint8Array[]
}

/**
 * A writer for the frames of one run.
 *
 * @throws E_TENSOR, and from its methods E_TENSOR and E_PAYLOAD, for names, shapes and payloads that a reader would
 *   refuse
 *
 * @example
 * ```ts
 * const writer = frameWriter({ run: 'mine', tensors: [{ name: 'w', shape: [2], dtype: 'f32' }] })
 * const stream = [
 *   ...writer.open(),
 *   ...writer.delta({ step: 1, base: 0, data: [Float32Array.of(0.1, -0.2)] }),
 *   ...writer.close(),
 * ]
 * ```
 */
export function frameWriter(options: RunOptions): FrameWriter {
  const { partBytes = maxPartBytes, tensors: described, run, members, coupled, meta } = options
  const tensors = described.map(counted)
  checkNames(tensors)
  let frames = 0

  const plain = (keys: Keys): Uint8Array[] => {
    frames++
    return [encodeKeys(keys)]
  }

  const carrying = (kind: string, keys: Keys, { dtype, data }: Carrying): Uint8Array[] => {
    if (data.length !== tensors.length) {
      throw new ThalwegError(
        'E_TENSOR',
        `${kind}: ${data.length} payloads for ${tensors.length} tensors. Give null for what is unchanged.`
      )
    }
    const dtypeOf = (i: number): Dtype => dtype ?? tensors[i]!.dtype
    const payloads = data.map((values, i) => {
      const payload = toPayload(values, dtypeOf(i))
      checkPayload(payload, tensors[i]!, dtypeOf(i))
      return payload
    })
    const parts = [...split(payloads, partBytes, (i) => dtypeBytes[dtypeOf(i)])]
    frames += parts.length
    return parts.flatMap((part, k) => {
      const more = k + 1 < parts.length || undefined
      const own = k === 0 ? keys : { ...keys, metrics: undefined, reset: undefined }
      return encodePart({ kind, ...own, dtype, at: part.at || undefined, more }, part)
    })
  }

  return {
    open() {
      frames = 0
      const keys = { kind: 'open', version: 1, run, tensors: described, members, coupled, meta }
      return [encodeKeys(keys)]
    },
    anchor(frame) {
      const { step, member } = frame
      return carrying('anchor', { step, member }, frame)
    },
    delta(frame) {
      const { step, member, base, stride, epoch, metrics } = frame
      return carrying('delta', { step, member, base, stride, epoch, metrics }, frame)
    },
    tangent(frame) {
      const { step, member, index, logScale, reset } = frame
      const r = reset && { r: toBytes(reset, 'f64') }
      return carrying('tangent', { step, member, index, logScale, reset: r }, frame)
    },
    metrics({ step, member, epoch, metrics }) {
      return plain({ kind: 'metrics', step, member, epoch, metrics })
    },
    close() {
      return [encodeKeys({ kind: 'close', frames })]
    },
  }
}

function counted(tensor: Omit<Tensor, 'elements'>): Tensor {
  const elements = elementsOf(tensor.shape)
  if (elements !== undefined) return { ...tensor, elements }
  throw new ThalwegError(
    'E_TENSOR',
    `tensor ${JSON.stringify(tensor.name)}: shape [${tensor.shape}], expected integers >= 0 with a product below 2^53.`
  )
}

function toPayload(data: Data, dtype: Dtype): Payload {
  if (data === null) return null
  if ('i' in data) return { i: viewOf(data.i), v: toBytes(data.v, dtype) }
  if ('o' in data) return { o: data.o, b: toBytes(data.b, dtype) }
  return toBytes(data, dtype)
}

function checkNames(tensors: readonly { readonly name: string }[]): void {
  if (tensors.length === 0) {
    throw new ThalwegError('E_TENSOR', 'open: no tensors. Give those that are to be watched.')
  }
  const known = new Set<string>()
  for (const { name } of tensors) {
    if (known.has(name)) {
      throw new ThalwegError('E_TENSOR', `open: two tensors "${name}". Give each its own name.`)
    }
    known.add(name)
  }
}

/** The bytes of values in a dtype. It is a view if the values have this dtype already. */
function toBytes(values: Values, dtype: Dtype): Uint8Array {
  if (values instanceof Uint8Array) return values
  const has =
    (values instanceof Float32Array && dtype === 'f32') ||
    (values instanceof Float64Array && dtype === 'f64')
  return has ? viewOf(values) : encodeNumbers(values, dtype)
}

function viewOf(array: Uint32Array | Float32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
}
