import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { lasting } from '../../../../src/stages/ftle/verdict/lasting.ts'
import { random } from '../../../engine/frames.ts'
import { line, measured, readingOf, type Told, walk } from './courses.ts'

const last = suite('growth that lasts')

const next = random(4)
const fluctuating = (length: number, mean = -1, deviation = 1): number[] =>
  Array.from({ length }, () => mean + deviation * next())
const saturating = (rest: readonly number[], more: Partial<Told> = {}): Told => ({
  twins: [[...walk(101, 0.24, 0.2, 1, -27), ...rest]],
  growth: [0, 100],
  passed: true,
  ...more,
})
const told = (course: Told): string => {
  const { verdict, why } = lasting(readingOf(course), measured(course))
  return `${verdict}: ${why}`
}

last('goes up to saturation, where separations stay', () => {
  assert.match(
    told(saturating(fluctuating(200))),
    /^chaotic: .* up to saturation, where separations stay/
  )
})

last('does not where separations shrink again, or the run comes to rest', () => {
  assert.match(told(saturating(line(200, -0.05, -3))), /^expanding: .* separations shrink again/)
  const pace = (t: number): number => (t > 110 ? -6 : -0.7)
  assert.match(told(saturating(fluctuating(200), { pace })), /the run itself comes to rest/)
})

last('does not where separations stay far below the steps of the run', () => {
  const low = {
    twins: [[...walk(101, 0.2, 0.2, 1, -27), ...fluctuating(200, -7)]],
    growth: [0, 100] as const,
  }
  assert.match(told(low), /while separations are far smaller than the steps of the run/)
  assert.match(told({ ...low, pace: () => -4 }), /^chaotic/)
})

last('must be seen to stay for many correlation times', () => {
  const slow = Array.from({ length: 200 }, (_, t) => -1 + Math.sin(t / 20))
  assert.match(told(saturating(slow)), /have not yet been at saturation for long/)
  // Just after saturation the growth before counts alone, and may be enough by itself.
  assert.match(told(saturating(fluctuating(5))), /^chaotic: .* going on/)
})

last('is that of a map, not of one unstable direction with a constant rate', () => {
  const straight = [...line(101, 0.24, -27), ...Array(200).fill(-2)]
  assert.match(
    told({ twins: [straight], growth: [0, 100], passed: true }),
    /rates and the separations after it are constant/
  )
  // A map of constant slope: its separations come and go after saturation.
  const tent = [...line(101, 0.24, -27), ...fluctuating(200)]
  assert.match(told({ twins: [tent], growth: [0, 100], passed: true }), /^chaotic/)
  assert.match(told({ twins: [line(101, 0.2, -27)] }), /at a constant rate/)
})

last('while it goes on, takes more of it', () => {
  assert.match(told({ twins: [walk(101, 0.2, 0.2, 1, -27)] }), /^chaotic: .* going on/)
  assert.match(
    told({ twins: [walk(41, 0.2, 0.2, 1, -27)] }),
    /not yet up to saturation, nor for long enough/
  )
  const slowing = walk(101, 0.2, 0.2, 1, -27).map((v, t) => (t > 70 ? v - 0.2 * (t - 70) : v))
  assert.match(told({ twins: [slowing] }), /it has slowed down/)
  assert.match(
    told({ twins: [walk(101, 0.2, 0.2, 1, -27)], pace: (t) => -0.03 * t }),
    /the run is not steady/
  )
})

last.run()
