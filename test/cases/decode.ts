import { type Dtype, type Frame, frameWriter, svd } from 'thalweg'
import { type Case, digest, same } from './case.ts'
import { framesOf, joined, summariesOf } from './streams.ts'

const described = (frame: Frame): string => {
  if (!('data' in frame)) return JSON.stringify(frame)
  const { data, ...keys } = frame
  const payloads = data.map((payload) => {
    if (payload === null) return 'unchanged'
    if (payload instanceof Uint8Array) return `${payload.length} ${digest(payload)}`
    return 'o' in payload
      ? `${payload.o}: ${digest(payload.b)}`
      : `${digest(payload.i)}: ${digest(payload.v)}`
  })
  return JSON.stringify({ ...keys, payloads })
}

/** The frames of a recording, and the same ones however it is cut into chunks. */
export const decoding: Case = {
  name: 'decode: a recording, in chunks of any size',
  *lines(recording) {
    const whole = Array.from(framesOf(recording), described)
    for (const chunk of [1, 61, 4096, 65_536]) {
      const cut = recording.subarray(0, chunk === 1 ? 20_000 : recording.length)
      const frames = Array.from(framesOf(cut, chunk), described)
      same(`in chunks of ${chunk} bytes`, frames, whole.slice(0, frames.length))
    }
    yield* whole
  },
}

/** Values that every element type rounds in its own way, subnormal ones among them. */
const values = (step: number, count: number): Float64Array =>
  Float64Array.from({ length: count }, (_, i) => {
    const x = (((i + 1) * 7919 + step * 104_729) % 65_537) / 65_537 - 0.5
    return i % 41 === 0 ? x * 1e-42 : i % 13 === 0 ? x * 1e-6 : x
  })

function* written(dtype: Dtype): Generator<Uint8Array> {
  const tensors = [
    { name: 'a/kernel', shape: [30, 20], dtype },
    { name: 'a/bias', shape: [20], dtype },
    { name: 'none', shape: [0], dtype },
    { name: 'scale', shape: [], dtype },
  ]
  const writer = frameWriter({ run: dtype, tensors, meta: { text: 'größer 大' }, partBytes: 700 })
  yield* writer.open()
  const full = (step: number) => [600, 20, 0, 1].map((count) => values(step, count))
  yield* writer.anchor({ step: 0, data: full(0) })
  for (let step = 1; step <= 12; step++) {
    const [kernel, bias, none, scale] = full(step)
    const i = Uint32Array.from({ length: 50 }, (_, k) => k * 11 + step)
    const sparse = { i, v: kernel!.subarray(0, 50) }
    const data = [
      step % 3 === 0 ? sparse : kernel!,
      step % 4 === 0 ? null : step % 4 === 1 ? { o: 5, b: bias!.subarray(5, 12) } : bias!,
      none!,
      scale!,
    ]
    const metrics = { loss: step === 7 ? Number.POSITIVE_INFINITY : 1 / step, zero: -0 }
    yield* writer.delta({ step, base: step - 1, epoch: step / 12, metrics, data })
  }
  yield* writer.metrics({ step: 12, metrics: { accuracy: 0.1 + 0.2 } })
  yield* writer.close()
}

/** Every element type and form of payload, through the writer and back, and the figures they lead to. */
export const payloads: Case = {
  name: 'decode: every element type and form of payload',
  async *lines() {
    for (const dtype of ['f32', 'f64', 'f16', 'bf16'] as const) {
      const bytes = joined(written(dtype))
      yield `${dtype}: ${bytes.length} bytes ${digest(bytes)}`
      yield* Array.from(framesOf(bytes), described)
      yield* await summariesOf(framesOf(bytes), { block: 5 }, svd({ rank: 4 }))
    }
  },
}
