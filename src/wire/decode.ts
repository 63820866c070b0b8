import { described, type Envelope, isMap } from './envelope.ts'
import type {
  AnchorFrame,
  CloseFrame,
  DeltaFrame,
  Dtype,
  Frame,
  MetricsFrame,
  OpenFrame,
  TangentFrame,
} from './frame.ts'
import type { Limits } from './limits.ts'
import { isDtype, notDtype } from './open.ts'
import { PayloadReader } from './payload.ts'

/** Every kind of frame except `open`, which comes before there is a run. */
type RunFrame = Exclude<Frame, OpenFrame>

/**
 * Turns an envelope into a frame and checks it against the run.
 *
 * @throws E_FRAME_KEY, E_TENSOR, E_DTYPE, E_PAYLOAD, E_FRAME_SIZE
 */
type Decoder = (envelope: Envelope, run: OpenFrame, limits: Limits) => RunFrame

const decoders: { readonly [K in RunFrame['kind']]: Decoder } = {
  anchor: decodeAnchor,
  delta: decodeDelta,
  tangent: decodeTangent,
  metrics: decodeMetrics,
  close: decodeClose,
}

/** Gives the decoder for an envelope's kind. @throws E_FRAME_KIND */
export function decoderOf(envelope: Envelope): Decoder {
  const { kind } = envelope
  if (Object.hasOwn(decoders, kind)) return decoders[kind as RunFrame['kind']]
  return envelope.fail(
    'E_FRAME_KIND',
    'kind',
    `is ${described(kind)}, expected open, ${Object.keys(decoders).join(', ')}.`
  )
}

function decodeAnchor(envelope: Envelope, run: OpenFrame, limits: Limits): AnchorFrame {
  return { kind: 'anchor', ...stepped(envelope, run), ...carried(envelope, run, limits) }
}

function decodeDelta(envelope: Envelope, run: OpenFrame, limits: Limits): DeltaFrame {
  return {
    kind: 'delta',
    ...stepped(envelope, run),
    ...(envelope.has('base') && { base: envelope.integer('base') }),
    ...(envelope.has('stride') && { stride: stride(envelope) }),
    ...epoch(envelope),
    ...(envelope.has('metrics') && { metrics: envelope.metrics('metrics') }),
    ...carried(envelope, run, limits),
  }
}

function decodeTangent(envelope: Envelope, run: OpenFrame, limits: Limits): TangentFrame {
  return {
    kind: 'tangent',
    ...stepped(envelope, run),
    index: envelope.integer('index'),
    logScale: envelope.number('logScale', 0),
    ...(envelope.has('reset') && { reset: reset(envelope) }),
    ...carried(envelope, run, limits),
  }
}

function decodeMetrics(envelope: Envelope, run: OpenFrame): MetricsFrame {
  return {
    kind: 'metrics',
    ...stepped(envelope, run),
    ...epoch(envelope),
    metrics: envelope.metrics('metrics'),
  }
}

function decodeClose(envelope: Envelope): CloseFrame {
  return { kind: 'close', ...placed(envelope), frames: envelope.integer('frames') }
}

function placed(envelope: Envelope) {
  return { offset: envelope.offset, bytes: envelope.bytes.length }
}

function stepped(envelope: Envelope, run: OpenFrame) {
  const member = envelope.integer('member', 0)
  if (member >= run.members) {
    envelope.mistaken('member', member, `an integer below the ${run.members} members of "open"`)
  }
  return { ...placed(envelope), step: envelope.integer('step'), member }
}

function stride(envelope: Envelope): number {
  const value = envelope.integer('stride')
  return value > 0 ? value : envelope.mistaken('stride', value, 'an integer >= 1')
}

function epoch(envelope: Envelope) {
  return envelope.has('epoch') && { epoch: envelope.number('epoch') }
}

function carried(envelope: Envelope, run: OpenFrame, limits: Limits) {
  const at = envelope.integer('at', 0)
  const override = dtype(envelope)
  return {
    ...(override && { dtype: override }),
    at,
    more: envelope.boolean('more', false),
    data: new PayloadReader(envelope.cursor('data'), limits.frameBytes).read(
      run.tensors,
      at,
      override
    ),
  }
}

function dtype(envelope: Envelope): Dtype | undefined {
  if (!envelope.has('dtype')) return undefined
  const value = envelope.string('dtype')
  return isDtype(value) ? value : envelope.fail('E_DTYPE', 'dtype', notDtype(value))
}

/** The triangular factor R from a re-orthonormalisation by the trainer: a square matrix of f64. */
function reset(envelope: Envelope): Uint8Array {
  const value = envelope.value('reset')
  const r = isMap(value) ? value.r : undefined
  if (!(r instanceof Uint8Array)) {
    return envelope.mistaken('reset', value, 'a map {r: bin of a square matrix of f64}')
  }
  if (!Number.isInteger(Math.sqrt(r.length / 8))) {
    envelope.fail(
      'E_PAYLOAD',
      'reset.r',
      `has ${r.length} bytes, expected 8 k k (a square matrix of f64).`,
      'reset'
    )
  }
  return r
}
