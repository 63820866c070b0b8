import type { Frame } from '../../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, tangent } from '../../engine/frames.ts'
import type { Recorded } from './situation.ts'

/** How members are sent. */
export interface FrameOptions {
  readonly dtype?: 'f32' | 'f64'
  /** Whether members are declared to share data order and noise; default true. */
  readonly coupled?: boolean
}

/** A recorded run as the reader would give it: anchors at step 0, then deltas, members taking turns. */
export function* framesOf({
  members,
  tangents,
  dtype = 'f64',
  coupled = true,
}: Recorded): Generator<Frame> {
  const [first] = members
  const shape = [{ name: 'w', shape: [first![0]!.length], dtype }]
  yield openFrame(shape, { members: members.length, coupled })
  let frames = 0
  for (const [member, states] of members.entries()) {
    frames++
    yield anchor(0, [bytes(states[0]!, dtype)], { member })
  }
  for (let step = 1; step < first!.length; step++) {
    if (tangents) {
      const { vector, logScale } = tangents[step - 1]!
      frames++
      yield tangent(step, 0, [bytes(vector, dtype)], { logScale })
    }
    for (const [member, states] of members.entries()) {
      if (step >= states.length) continue
      const before = states[step - 1]!
      const moved = states[step]!.map((value, i) => value - before[i]!)
      frames++
      yield delta(step, [bytes(moved, dtype)], { member, base: step - 1 })
    }
  }
  yield close(frames)
}
