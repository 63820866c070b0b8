import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { tickOf } from '../../src/sinks/report/model/numbers.ts'

const numbers = suite("numbers at a chart's axis")

numbers('stand as they are, but for those that are shorter by a power of ten', () => {
  const texts = [0.0075, 0.00025, 0.01, 1e-5, 2_000_000, 12_000].map((value) =>
    tickOf('scalar', value, 5)
  )
  assert.equal(texts, ['0.0075', '2.5e−4', '0.01', '1e−5', '2e+6', '12000'])
  assert.is(tickOf('share', 0.005, 5), '0.5\u00a0%')
})

numbers.run()
