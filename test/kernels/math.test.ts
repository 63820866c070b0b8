import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { angle, erf, log, tanh } from '../../src/kernels/math.ts'

const math = suite('elementary functions')

// By Python's decimal, to 40 digits: at the ends of the range, of the reduction, and close to 1 on both sides.
const logarithms = [
  [5e-324, -744.4400719213812],
  [2.2250738585072014e-308, -708.3964185322641],
  [1e-300, -690.7755278982137],
  [3e-17, -38.04533429223067],
  [0.1, -Math.LN10],
  [0.7071067811865475, -0.34657359027997275],
  [Math.SQRT1_2, -0.3465735902799726],
  [0.9999, -0.00010000500033334732],
  [1 - 2 ** -53, -1.1102230246251565e-16],
  [1 + 2 ** -52, 2.220446049250313e-16],
  [1.000500225734034, 0.0005001006628490603],
  [Math.SQRT2, 0.34657359027997275],
  [7, 1.9459101490553132],
  [1e9, 20.72326583694641],
  [1.7976931348623157e308, 709.782712893384],
] as const

math('have a logarithm that is right to two units in the last place', () => {
  for (const [x, expected] of logarithms) {
    const [own, right] = new BigInt64Array(Float64Array.of(log(x), expected).buffer)
    const apart = own! - right!
    assert.ok(apart <= 2n && apart >= -2n, `ln ${x} is off by ${apart}`)
  }
  assert.is(log(1), 0)
  assert.is(log(0), -Infinity)
  assert.is(log(Infinity), Infinity)
  assert.ok(Number.isNaN(log(-1)))
})

// By mpmath, to 17 digits: small, at the ends of the reductions, and where they saturate.
const sigmoids = [
  [1e-12, 1e-12, 1.1283791670955126e-12],
  [0.1, 0.09966799462495582, 0.1124629160182849],
  [0.5499, 0.5004452594871819, 0.5632399780743881],
  [0.55, 0.5005202111902354, 0.5633233663251089],
  [1.7, 0.9354090706030991, 0.9837904585907746],
  [2.9999, 0.9950537669848349, 0.9999778955735178],
  [3, 0.9950547536867305, 0.9999779095030014],
  [5, 0.9999092042625951, 0.9999999999984626],
  [20.5, 1, 1],
] as const

math('have hyperbolic tangent and error function to four units in the last place', () => {
  for (const [x, hyperbolic, error] of sigmoids) {
    for (const [own, right] of [
      [tanh(x), hyperbolic],
      [erf(x), error],
    ] as const) {
      assert.ok(Math.abs(own / right - 1) < 9e-16, `at ${x}: ${own}, expected ${right}`)
    }
    assert.is(tanh(-x), -tanh(x))
    assert.is(erf(-x), -erf(x))
  }
  assert.is(tanh(0), 0)
  assert.is(erf(0), 0)
})

math('have an angle in every direction, within two units in the last place of π', () => {
  for (const length of [1e-200, 1, 1e200]) {
    for (let k = -32; k <= 32; k++) {
      const expected = (k * Math.PI) / 32
      const found = angle(length * Math.cos(expected), length * Math.sin(expected))
      assert.ok(Math.abs(found - expected) <= 2 ** -50, `${k} / 32 of π: ${found}`)
    }
  }
  assert.is(angle(0, 0), 0)
  assert.is(angle(3, 0), 0)
  assert.is(angle(-3, 0), Math.PI)
  assert.ok(Math.abs(angle(1, 1e-9) - 1e-9) < 1e-24)
})

math.run()
