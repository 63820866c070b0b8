/** Element types of payloads. All are little-endian. */
export type Dtype = 'f32' | 'f64' | 'f16' | 'bf16'

export const dtypeBytes: Readonly<Record<Dtype, number>> = { f32: 4, f64: 8, f16: 2, bf16: 2 }

/** Says that a tensor's rows are a sketch that the producer made: signed sums of weights. */
export interface Fold {
  /** Number of weights, and the number of the first one. The seed's signs and turns are counted over all weights. */
  readonly elements: number
  readonly first: number
  /** Seed of the signs and turns, below 2^32. */
  readonly seed: number
}

export interface Tensor {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: Dtype
  readonly role?: string
  readonly trainable?: boolean
  readonly fold?: Fold
  /** Number of elements: the product of the shape, 1 for `[]`. */
  readonly elements: number
}

/** How many weights a tensor holds, or stands for if it is folded. */
export function weightsOf({ elements, fold }: Tensor): number {
  return fold?.elements ?? elements
}

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** The trainer's own figures, including non-finite ones. */
export type Metrics = Readonly<Record<string, number>>

/** One tensor's values in a frame: dense bytes, null (unchanged), sparse values, or a contiguous range. */
export type Payload =
  | Uint8Array
  | null
  | { readonly i: Uint8Array; readonly v: Uint8Array }
  | { readonly o: number; readonly b: Uint8Array }

/** Size in bytes of a payload's values and indices. */
export function payloadBytes(payload: Payload): number {
  if (payload === null) return 0
  if (payload instanceof Uint8Array) return payload.length
  return 'o' in payload ? payload.b.length : payload.i.length + payload.v.length
}

interface Placed {
  /** Byte offset of the frame in the stream. */
  readonly offset: number
  readonly bytes: number
}

export interface OpenFrame extends Placed {
  readonly kind: 'open'
  readonly version: 1
  readonly run: string
  readonly tensors: readonly Tensor[]
  readonly members: number
  readonly coupled: boolean
  readonly meta: { readonly [key: string]: Json }
}

interface Stepped extends Placed {
  readonly step: number
  readonly member: number
}

interface Carrying extends Stepped {
  /** Overrides every tensor's dtype for this frame. */
  readonly dtype?: Dtype
  /** Index of the tensor that `data[0]` belongs to. */
  readonly at: number
  /** True if more parts of the same step and member follow. */
  readonly more: boolean
  /** Views into the stream's buffer, valid only until the next frame is requested. */
  readonly data: readonly Payload[]
}

export interface AnchorFrame extends Carrying {
  readonly kind: 'anchor'
}

export interface DeltaFrame extends Carrying {
  readonly kind: 'delta'
  /** The step that this delta starts from. Undefined means the member's last step. */
  readonly base?: number
  /** Number of the trainer's steps that this delta adds up. Undefined means 1. */
  readonly stride?: number
  readonly epoch?: number
  readonly metrics?: Metrics
}

export interface TangentFrame extends Carrying {
  readonly kind: 'tangent'
  readonly index: number
  readonly logScale: number
  readonly reset?: Uint8Array
}

export interface MetricsFrame extends Stepped {
  readonly kind: 'metrics'
  readonly epoch?: number
  readonly metrics: Metrics
}

export interface CloseFrame extends Placed {
  readonly kind: 'close'
  readonly frames: number
}

/** Every kind of frame. */
export const frameKinds: readonly Frame['kind'][] = [
  'open',
  'anchor',
  'delta',
  'tangent',
  'metrics',
  'close',
]

export type Frame = OpenFrame | AnchorFrame | DeltaFrame | TangentFrame | MetricsFrame | CloseFrame
