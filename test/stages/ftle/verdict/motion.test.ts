import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Motion } from '../../../../src/stages/ftle/verdict/motion.ts'
import { sharedGrowth } from '../../../../src/stages/ftle/verdict/motion.ts'
import { measured, type Told, walk } from './courses.ts'

const motion = suite('growth that the run itself shares')

const grown = walk(201, 0.1, 0.1, 1, -27)
const of = (more: Partial<Told>): Motion => measured({ twins: [grown], ...more }).motion
const told = (more: Partial<Told>): string => {
  const { verdict, why } = sharedGrowth(measured({ twins: [grown], ...more })) ?? {}
  return verdict ? `${verdict}: ${why}` : 'not shared'
}

motion('is none in a steady run', () => {
  assert.is(told({}), 'not shared')
  const { paceGain, alongGain, moves } = of({})
  assert.ok(Math.abs(paceGain) < 0.2 && Math.abs(alongGain) < 0.3 && moves)
})

motion('is divergence where its weights or its steps grow along', () => {
  assert.match(told({ size: (t) => 0.05 * t }), /^diverging: .* runs away/)
  assert.match(told({ pace: (t) => 0.08 * t }), /^diverging: .* its steps by 1\d\.\d\d e-foldings/)
  // Steps that grow by less than half as much.
  assert.is(told({ pace: (t) => 0.04 * t }), 'not shared')
  // The whole run counts, not the window alone.
  assert.match(told({ growth: [0, 120], size: (t) => 0.05 * Math.max(0, t - 120) }), /^diverging/)
})

motion('is no divergence once the run comes back', () => {
  const back = (peak: number) => (t: number) => (t < peak ? 0.08 * t : 0.08 * (2 * peak - t))
  assert.match(told({ pace: back(130), growth: [0, 130] }), /^expanding: .* comes back$/)
  assert.match(told({ size: back(130), growth: [0, 130] }), /^expanding: .* comes back$/)
  // Too little to tell.
  const rest = (t: number): number => 0.08 * t - (t > 198 ? 1.5 : 0)
  assert.match(told({ pace: rest, growth: [0, 190] }), /^diverging/)
  assert.match(told({ pace: back(198), growth: [0, 198] }), /^diverging/)
})

motion('is no divergence where it slows down, or is short beside the weights', () => {
  const until = (end: number) => (t: number) => 0.08 * Math.min(t, end)
  assert.match(told({ pace: until(170) }), /^expanding: .* slows down$/)
  assert.match(told({ size: until(170) }), /^expanding: .* slows down$/)
  assert.match(told({ growth: [0, 120], size: (t) => (t > 150 ? 3 : 0) }), /slows down$/)
  const faint = (t: number): number => -20 + 0.08 * t
  assert.match(told({ pace: faint }), /^expanding: .* still short beside its weights$/)
  assert.match(told({ pace: (t) => faint(t) + 2 }), /^diverging/)
})

motion(
  'is the leaving of an unstable point where it moves along the separation ever faster',
  () => {
    const leaving = (t: number): number => -20 + 0.1 * t
    assert.match(
      told({ along: leaving }),
      /^expanding: .* leaves an unstable point itself, by \d+\.\d\d/
    )
    // It counts too where other motion covers it at first, and where rates fluctuate.
    const covered = (t: number): number => Math.max(-4 - 0.1 * t, -20 + 0.1 * t) + Math.sin(t * t)
    assert.match(told({ along: covered }), /^expanding/)
    // Along a separation that the run moves along anyway, it must rise surely.
    const jump = (t: number): number =>
      t === 0 ? -0.7 : t > 198 ? 3 : -0.7 + 0.3 * Math.sin(t * t)
    assert.is(told({ along: jump }), 'not shared')
  }
)

motion(
  'is none, but growth from an unstable point, where the run does not move along at all',
  () => {
    assert.match(told({ along: () => -40 }), /^expanding: .* does not move itself/)
    assert.match(told({ along: () => -Infinity, pace: () => -Infinity }), /does not move itself/)
  }
)

motion('sees a run come to rest', () => {
  assert.not(of({ pace: (t) => (t > 120 ? -5 : -0.7), growth: [0, 120] }).moves)
  assert.ok(of({ pace: (t) => (t > 120 ? -2 : -0.7), growth: [0, 120] }).moves)
})

motion.run()
