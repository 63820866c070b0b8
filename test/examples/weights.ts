import { decodeNumbers } from '../../src/wire/dtype.ts'
import type { AnchorFrame, DeltaFrame, Frame, OpenFrame } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'

/** What a stream says of a member's weights: the last anchor, and the same by adding deltas to the first one. */
export interface Member {
  anchors: number
  first: Float64Array
  anchored: Float64Array
  summed: Float64Array
  steps: number[]
}

export interface Replayed {
  open: OpenFrame
  members: Member[]
  frames: Frame[]
  end: string
}

/** Reads a stream's chunks to the end and adds its deltas up in float64. */
export async function replay(chunks: AsyncIterable<Uint8Array>): Promise<Replayed> {
  const reader = new FrameReader()
  const frames: Frame[] = []
  const members: Member[] = []
  let open: OpenFrame | undefined
  for await (const chunk of chunks) {
    reader.push(chunk)
    for (let frame = reader.next(); frame; frame = reader.next()) {
      if (frame.kind === 'open') {
        open = frame
        const size = frame.tensors.reduce((sum, tensor) => sum + tensor.elements, 0)
        for (let m = 0; m < frame.members; m++) members.push(empty(size))
      }
      if (frame.kind === 'anchor' || frame.kind === 'delta') {
        follow(members[frame.member]!, frame, open!)
      }
      frames.push('data' in frame ? { ...frame, data: [] } : frame)
    }
  }
  return { open: open!, members, frames, end: reader.end() }
}

/** The greatest difference between two vectors. */
export function distance(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0)
}

function empty(size: number): Member {
  const zeros = () => new Float64Array(size)
  return { anchors: 0, first: zeros(), anchored: zeros(), summed: zeros(), steps: [] }
}

function follow(member: Member, frame: AnchorFrame | DeltaFrame, open: OpenFrame): void {
  const starts = [0]
  for (const tensor of open.tensors) starts.push(starts.at(-1)! + tensor.elements)
  frame.data.forEach((payload, k) => {
    if (payload === null || 'i' in payload) throw new Error('the producer writes no such payload')
    const index = frame.at + k
    const range = 'o' in payload ? payload : { o: 0, b: payload }
    const values = decodeNumbers(range.b, frame.dtype ?? open.tensors[index]!.dtype)
    const at = starts[index]! + range.o
    if (frame.kind === 'delta') {
      values.forEach((value, i) => {
        member.summed[at + i]! += value
      })
    } else {
      member.anchored.set(values, at)
      if (member.anchors === 0) {
        member.first.set(values, at)
        member.summed.set(values, at)
      }
    }
  })
  if (frame.more) return
  if (frame.kind === 'anchor') member.anchors++
  else member.steps.push(frame.step)
}
