import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { contracts } from '../../../../src/stages/ftle/verdict/contraction.ts'
import { line, walk } from './courses.ts'

const contraction = suite('contraction')

const of = (logs: readonly number[]): boolean =>
  contracts({ times: Float64Array.from(logs, (_, t) => t + 1), logs: Float64Array.from(logs) })

contraction('is an even fall by three e-foldings that goes on', () => {
  const rows: [string, boolean, readonly number[]][] = [
    ['a line', true, line(200, -0.03)],
    ['a line that falls too little', false, line(200, -0.01)],
    ['growth', false, line(200, 0.03)],
    [
      'fast directions first, then the slowest',
      true,
      line(300, 0).map((_, t) => -0.02 * t - (1 - Math.exp(-t / 20))),
    ],
    ['a fall that ends', false, line(200, 0).map((_, t) => -6 * (1 - Math.exp(-t / 20)))],
    ['two drops', false, line(200, 0).map((_, t) => -2 * Number(t > 70) - 2 * Number(t > 140))],
    ['a fall with noise', true, walk(600, -0.05, 0.1)],
    [
      'a fall that turns',
      false,
      line(200, 0).map((_, t) => (t < 120 ? -0.05 * t : -6 + 0.04 * (t - 120))),
    ],
    ['sixteen points', false, line(16, -1)],
    ['a periodic fall', true, line(400, 0).map((_, t) => -0.03 * t + 0.5 * Math.sin(t))],
  ]
  for (const [name, expected, logs] of rows) assert.is(of(logs), expected, name)
})

contraction('is seen in hardly any walk without drift', () => {
  let seen = 0
  for (let seed = 1; seed <= 500; seed++) seen += Number(of(walk(300, 0, 0.3, seed)))
  assert.ok(seen <= 3, `${seen} of 500`)
})

contraction.run()
