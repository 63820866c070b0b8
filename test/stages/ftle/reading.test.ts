import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stretchOf } from '../../../src/stages/ftle/reading.ts'
import { analysed, orbit, type State, stream } from './members.ts'
import { courseOf } from './verdict/courses.ts'

const reading = suite('what is read of a run')

/** Members whose separation along one weight is so large at each step, beside a weight of 1 that stays. */
const apart = (...distances: ((t: number) => number)[]) =>
  stream([() => 0, ...distances].map((d) => orbit([d(0), 1] as State, 120, (_, t) => [d(t), 1])))

reading('is the longest stretch between floor and saturation, not the steepest', () => {
  // Forty steps of growth by 0.3 up to saturation, a break, then eighty by 0.05.
  const course = courseOf({
    twins: [
      [
        ...Array(5).fill(-40),
        ...Array(60).fill(-20),
        ...Array(3).fill(-40),
        ...Array(30).fill(-10),
      ],
    ],
  })
  assert.equal(stretchOf(course, 0), { from: 5, to: 64, passed: false })
})

reading('ends where a separation has once passed saturation, though it comes back', () => {
  const course = courseOf({ twins: [[...Array(20).fill(-9), -1, ...Array(60).fill(-9)]] })
  assert.equal(stretchOf(course, 0), { from: 0, to: 19, passed: true })
  const d = (scale: number) => (t: number) => scale * (t === 40 ? 1e9 : 1) * 1.02 ** t
  const { windows } = analysed(apart(d(1e-9))).last
  assert.equal(windows, [[1, 39]])
})

reading(
  'of a further exponent, too, ends where one of its separations has passed saturation',
  () => {
    const zero: State = [0, 0, 1]
    const first = orbit([1e-9, 0, 1], 120, ([x, y, w], t) => [(t % 2 ? 1.01 : 1.03) * x!, y!, w!])
    const second = orbit([0, 1e-9, 1], 120, (_, t) => [0, t === 40 ? 1 : 1e-9 * 1.01 ** t, 1])
    const { last } = analysed(stream([orbit(zero, 120, () => zero), first, second]))
    assert.equal(last.windows, [
      [1, 120],
      [1, 39],
    ])
  }
)

reading('keeps a margin from both bounds where it is asked to', () => {
  const growing = courseOf({ twins: [Array.from({ length: 40 }, (_, t) => -36 + t)] })
  const { from, to } = stretchOf(growing, 0)!
  assert.equal(stretchOf(growing, 0, 3), { from: from + 3, to: to - 3, passed: true })
})

reading('takes the twin that stays within bounds for longest, the first of equals', () => {
  // Both shrink: the nearer one is at the floor after 40 steps.
  const shrinking = (scale: number) => (t: number) => scale * Math.exp(-0.2 * t)
  const down = analysed(apart(shrinking(1e-11), shrinking(1e-6))).last
  assert.is(down.verdict, 'contracting')
  assert.ok(down.window![1] > 90, `${down.window}`)
  const growing = (scale: number) => (t: number) => scale * Math.exp(0.1 * t)
  const up = analysed(apart(growing(1e-11), growing(1.1e-11))).last
  assert.equal(up.window, [1, 120])
})

reading.run()
