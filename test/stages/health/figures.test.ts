// The figures of health, of a run so small that each can be counted by hand.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { health } from '../../../src/stages/health/index.ts'
import { anchor, bytes, close, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames } from '../harness.ts'

const figures = suite('what health counts')

/** Two weights from (3, 4) on: along the first, then the second, then nowhere, then back along the second. */
const moves = [
  [1, 0],
  [0, 2],
  [0, 0],
  [0, -1],
]

figures('are those of four steps of two weights', () => {
  const frames = [
    openFrame([{ name: 'w', shape: [2], dtype: 'f32' }]),
    anchor(0, [bytes([3, 4])]),
    ...moves.map((move, t) => delta(t + 1, [bytes(move)])),
    close(5),
  ]
  const { summaries, error } = analyseFrames(frames, health(), { block: 4 })
  assert.is(error, undefined)
  const values = summaries.at(-1)!.values as Record<string, number>
  const near = (name: string, expected: number): void =>
    assert.ok(Math.abs(values[name]! - expected) < 1e-6, `${name} is ${values[name]}`)
  const size = Math.hypot(4, 5)
  near('updateNorm', 1)
  near('weightNorm', size)
  near('updateRatio', 1 / size)
  // The first two updates are at right angles; the next two pairs have one that is zero.
  near('updateCosine', 0)
  near('updateAngle', 90)
  near('pathRatio', 4 / Math.SQRT2)
  near('zeroDeltas', 1)
  near('nonFinite', 0)
  near('gaps', 0)
  near('duplicates', 0)
})

figures.run()
