import { decodeNumbers } from '../../src/wire/dtype.ts'
import type { Frame, OpenFrame, Payload } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'

/** What a reader knows of one member. */
export interface Replayed {
  step: number
  /** Each tensor where anchor and deltas put it, and what it moved by last. */
  readonly weights: Float64Array[]
  readonly last: Float64Array[]
}

export interface Replay {
  readonly open: OpenFrame
  /** All frames of the run, without their payloads. */
  readonly frames: readonly Omit<Frame, 'data'>[]
  readonly members: readonly Replayed[]
}

/** Reads the runs of a stream of dense frames and adds their deltas up, in f64. */
export function replay(chunks: readonly Uint8Array[]): Replay[] {
  const reader = new FrameReader()
  const runs: { open: OpenFrame; frames: Frame[]; members: Replayed[] }[] = []
  reader.push(Buffer.concat(chunks))
  for (let frame = reader.next(); frame; frame = reader.next()) {
    if (frame.kind === 'open') {
      const zeros = () => frame.tensors.map((tensor) => new Float64Array(tensor.elements))
      const member = () => ({ step: 0, weights: zeros(), last: zeros() })
      runs.push({ open: frame, frames: [], members: Array.from({ length: frame.members }, member) })
    }
    const run = runs.at(-1)!
    run.frames.push({ ...frame, data: [] } as Frame)
    if (frame.kind !== 'anchor' && frame.kind !== 'delta') continue
    const { weights, last } = run.members[frame.member]!
    run.members[frame.member]!.step = frame.step
    frame.data.forEach((payload, i) => {
      const tensor = run.open.tensors[i]!
      const values = numbers(payload, tensor.elements, frame.dtype ?? tensor.dtype)
      if (frame.kind === 'anchor') weights[i]!.set(values)
      else
        weights[i]!.forEach((weight, k) => {
          weights[i]![k] = weight + values[k]!
        })
      if (frame.kind === 'delta') last[i]!.set(values)
    })
  }
  if (reader.end() !== 'closed') throw new Error(`the stream is ${reader.end()}`)
  return runs
}

function numbers(payload: Payload, elements: number, dtype: 'f32' | 'f64' | 'f16' | 'bf16') {
  if (payload === null) return new Float64Array(elements)
  if (!(payload instanceof Uint8Array)) throw new Error('a payload is not dense')
  return decodeNumbers(payload, dtype)
}

/** All of a stream; each chunk is copied, since its buffer is used again. */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk.slice())
  return chunks
}
