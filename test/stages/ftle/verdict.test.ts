import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Curve } from '../../../src/stages/ftle/fits.ts'
import { comparePowerLaw, type Evidence, verdictOf } from '../../../src/stages/ftle/verdict.ts'

const verdicts = suite('verdicts')

interface Short {
  interval?: [number, number]
  efoldings?: number
  increments?: number
  power?: [h: number, deltaAic: number]
}

/** Evidence of chaos, except for what is given. */
function evidence(
  { interval = [0.1, 0.2], efoldings = 8, increments = 50, power = [4, -50] }: Short,
  more: Partial<Evidence> = {}
): Evidence {
  return {
    twins: 1,
    coupled: true,
    known: true,
    apart: true,
    missing: 'nothing to read',
    powerLaw: { exponent: power[0], deltaAic: power[1] },
    first: {
      value: (interval[0] + interval[1]) / 2,
      interval,
      span: { from: 7, to: 7 + increments },
      curve: { times: Float64Array.of(1, 2), logs: Float64Array.of(0, efoldings) },
      efoldings,
      collapsed: false,
    },
    ...more,
  }
}

const rows: [string, Evidence, RegExp][] = [
  ['chaotic', evidence({}), /8\.00 e-foldings/],
  ['no-twin', evidence({}, { twins: 0 }), /one member/],
  ['insufficient', evidence({}, { known: false }), /nothing to read/],
  ['no-perturbation', evidence({}, { apart: false }), /equal member 0/],
  ['insufficient', evidence({}, { first: undefined }), /nothing to read/],
  ['contracting', evidence({ interval: [-0.2, -0.1], efoldings: 1 }), /below 0/],
  ['contracting', evidence({ interval: [-0.2, -0.1] }, { coupled: false }), /below 0/],
  ['noise-driven', evidence({}, { coupled: false }), /coupled/],
  ['noise-driven', evidence({ interval: [-0.1, 0.1] }, { coupled: false }), /coupled/],
  ['noise-driven', evidence({ power: [0.5, 11] }), /t\^0\.50/],
  ['chaotic', evidence({ power: [0.5, 9] }), /exponential/],
  ['neutral', evidence({ power: [1, 11] }), /t\^1\.00/],
  ['chaotic', evidence({ power: [3, 11] }), /exponential/],
  ['insufficient', evidence({ power: [0.5, 11], efoldings: 2.9 }), /2\.90 e-foldings/],
  ['insufficient', evidence({ interval: [-0.1, 0.4] }), /too uneven/],
  ['insufficient', evidence({ interval: [-0.1, 0.2], efoldings: 1 }), /50 increments/],
  ['neutral', evidence({ interval: [-0.1, 0.2], efoldings: 1, increments: 64 }), /holds 0/],
  ['insufficient', evidence({ efoldings: 2.9 }), /3 are needed/],
]

verdicts('follow from the first rule that applies', () => {
  rows.forEach(([expected, given, why], i) => {
    const found = verdictOf(given)
    assert.is(found.verdict, expected, `row ${i}: ${found.why}`)
    assert.match(found.why, why)
  })
})

const curve = (log: (t: number) => number): Curve => {
  const times = Float64Array.from({ length: 80 }, (_, i) => i + 1)
  return { times, logs: times.map((t) => log(t) + 0.1 * Math.sin(7 * t * t)) }
}

verdicts('compare an exponential and a power law by AIC', () => {
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

verdicts.run()
