import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Exponent } from '../../../src/stages/ftle/exponents.ts'
import { ratesOf, sizeNote } from '../../../src/stages/ftle/sizes.ts'
import { line, readingOf } from './verdict/courses.ts'

const sizes = suite('twins of different sizes')

/** Within bounds up to -2.65, and at most at 0. */
const grown = (slope: number, start: number): number[] =>
  line(161, slope, start).map((log) => Math.min(log, 0))

function compared(twins: number[][]) {
  const reading = readingOf({ twins })
  const first: Exponent = {
    value: 0.1,
    interval: [0.1, 0.1],
    span: { from: 0, to: 160 },
    efoldings: 16,
  }
  return { rates: ratesOf(reading, first), note: sizeNote(reading, first) }
}

sizes('grow at one rate, though the larger one saturates within the window', () => {
  const { rates, note } = compared([grown(0.1, -25), grown(0.1, -12)])
  for (const rate of rates) assert.ok(Math.abs(rate!.value - 0.1) < 1e-12, `${rate!.value}`)
  assert.is(note, undefined)
})

sizes('that differ in rate before are told, with what else makes them differ', () => {
  const { note } = compared([grown(0.1, -25), grown(0.05, -12)])
  assert.match(note!, /\(0\.100 from 1\.4e-11, 0\.0500 from 6\.1e-6\), because of their size or of/)
})

sizes('that differ by few e-foldings, or by many, within wide intervals', () => {
  // In one jump, whose rate has an interval that holds 0.
  const jumping = (height: number): number[] =>
    line(161, 0, -12).map((log, t) => log + height * Number(t > 80))
  assert.is(compared([line(161, 0, -25), jumping(2)]).note, undefined)
  assert.match(compared([line(161, 0, -25), jumping(5)]).note!, /^twins of different size part/)
})

sizes('have no rate of what lies beyond saturation', () => {
  const { rates, note } = compared([grown(0.1, -25), grown(0, -1)])
  assert.is(rates[1], undefined)
  assert.is(note, undefined)
})

sizes.run()
