// Frames as the reader would give them, made from plain arrays.
import type { Dtype, Fold, Frame, OpenFrame, Payload, Tensor } from '../../src/wire/frame.ts'

export function openFrame(
  tensors: readonly {
    name: string
    shape: number[]
    dtype?: Dtype
    role?: string
    trainable?: boolean
    fold?: Fold
  }[],
  more: Partial<OpenFrame> = {}
): OpenFrame {
  return {
    kind: 'open',
    version: 1,
    run: 'test',
    tensors: tensors.map(
      (tensor): Tensor => ({
        dtype: 'f32',
        ...tensor,
        elements: tensor.shape.reduce((product, n) => product * n, 1),
      })
    ),
    members: 1,
    coupled: false,
    meta: {},
    offset: 0,
    bytes: 100,
    ...more,
  }
}

export const bytes = (values: ArrayLike<number>, dtype: 'f32' | 'f64' = 'f32'): Uint8Array =>
  new Uint8Array((dtype === 'f32' ? Float32Array.from(values) : Float64Array.from(values)).buffer)

interface Extra {
  member?: number
  base?: number
  stride?: number
  at?: number
  more?: boolean
  dtype?: Dtype
  epoch?: number
  metrics?: Record<string, number>
}

const carrying = (step: number, data: readonly Payload[], extra: Extra) => ({
  step,
  member: 0,
  at: 0,
  more: false,
  offset: 1000 * step,
  bytes: 64,
  data,
  ...extra,
})

export const delta = (step: number, data: readonly Payload[], extra: Extra = {}): Frame => ({
  kind: 'delta',
  ...carrying(step, data, extra),
})

export const anchor = (step: number, data: readonly Payload[], extra: Extra = {}): Frame => ({
  kind: 'anchor',
  ...carrying(step, data, extra),
})

export const tangent = (
  step: number,
  index: number,
  data: readonly Payload[],
  extra: Extra & { logScale?: number; reset?: ArrayLike<number> } = {}
): Frame => {
  const { reset, logScale = 0, ...rest } = extra
  return {
    kind: 'tangent',
    ...carrying(step, data, rest),
    index,
    logScale,
    ...(reset && { reset: bytes(reset, 'f64') }),
  }
}

export const metrics = (step: number, figures: Record<string, number>, member = 0): Frame => ({
  kind: 'metrics',
  step,
  member,
  metrics: figures,
  offset: 1000 * step,
  bytes: 32,
})

export const close = (frames: number): Frame => ({ kind: 'close', frames, offset: 0, bytes: 10 })

/** A seeded generator of numbers in [-1, 1), by xorshift. */
export function random(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 31 - 1
  }
}
