import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Curve } from '../../../../src/stages/ftle/fits.ts'
import { algebraic, comparePowerLaw } from '../../../../src/stages/ftle/verdict/power-law.ts'
import { courseOf, measured, readingOf } from './courses.ts'

const law = suite('growth as a power of time')

const curve = (log: (t: number) => number, first = 1): Curve => {
  const times = Float64Array.from({ length: 80 }, (_, i) => first + i)
  return { times, logs: times.map((_, i) => log(i + 1) + 0.1 * Math.sin(7 * (i + 1) * (i + 1))) }
}

law('is compared with an exponential by AIC', () => {
  const diffusion = comparePowerLaw(curve((t) => 0.5 * Math.log(t)))
  assert.ok(Math.abs(diffusion.exponent - 0.5) < 0.05)
  assert.ok(diffusion.deltaAic > 50)
  const growth = comparePowerLaw(curve((t) => 0.2 * t))
  assert.ok(growth.deltaAic < -50)
  // n ln(RSS_exponential / RSS_power) of t = 1, 2, 3, 4 and ln d = 0, 1, 1, 2 by numpy.polyfit
  const four = { times: Float64Array.of(1, 2, 3, 4), logs: Float64Array.of(0, 1, 1, 2) }
  const { exponent, deltaAic } = comparePowerLaw(four)
  assert.ok(Math.abs(exponent - 1.278624589612764) < 1e-12, `${exponent}`)
  assert.ok(Math.abs(deltaAic - -0.5144512398535871) < 1e-10, `${deltaAic}`)
})

law('counts time from where the curve begins', () => {
  const late = comparePowerLaw(curve((t) => Math.log(t), 500))
  assert.ok(Math.abs(late.exponent - 1) < 0.05)
})

law('is not taken for growth that saturates', () => {
  const bent = comparePowerLaw(curve((t) => 0.3 * Math.min(t, 30)))
  assert.ok(bent.deltaAic < -50, `${bent.deltaAic}`)
})

/** What is said of two twins that part as t^h, the second so much larger and at an angle of such a sine. */
function said(h: number, ratio: number, sine: number): string | undefined {
  const logs = (scale: number): number[] =>
    Array.from({ length: 400 }, (_, t) => Math.log(scale) + h * Math.log(t + 1))
  const told = { twins: [logs(1e-9), logs(ratio * 1e-9)] }
  const course = courseOf(told)
  const across = course.across.map((own) => own.map(() => Math.log(sine)))
  return algebraic({ ...readingOf(told), course: { ...course, across } }, measured(told))?.verdict
}

law('of a half is noise of their own where members are equally far from each other', () => {
  assert.is(said(0.6, 1, Math.sqrt(3) / 2), 'noise-driven')
  assert.is(said(0.6, 1, 1), 'neutral', 'at right angles')
  assert.is(said(0.6, 1.5, Math.sqrt(3) / 2), 'neutral', 'not equally far')
  assert.is(said(1, 1, Math.sqrt(3) / 2), 'neutral', 'a shear')
})

law.run()
