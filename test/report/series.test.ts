import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { addPoint, newSeries } from '../../src/sinks/report/model/series.ts'

const series = suite('a series of bounded size')

series('keeps all points while they fit', () => {
  const own = newSeries(8)
  for (let step = 1; step <= 8; step++) addPoint(own, step, [['a', step * step]])
  assert.equal(own.steps, [1, 2, 3, 4, 5, 6, 7, 8])
  assert.equal(own.lines.a!.low, own.lines.a!.high)
  assert.is(own.every, 1)
})

series('keeps the least and the greatest of what it merges, and the last step', () => {
  const own = newSeries(8)
  for (let step = 1; step <= 100; step++)
    addPoint(own, step, [['a', step === 37 ? 1e6 : step === 53 ? -1e6 : 0]])
  assert.ok(own.steps.length <= 8)
  assert.is(own.steps.at(-1), 100)
  assert.is(Math.max(...own.lines.a!.high.map(Number)), 1e6)
  assert.is(Math.min(...own.lines.a!.low.map(Number)), -1e6)
  assert.is(own.every, 16)
})

series('knows nothing where a line had no value', () => {
  const own = newSeries(4)
  addPoint(own, 1, [['a', 1]])
  addPoint(own, 2, [['b', 2]])
  assert.equal(own.lines.a!.low, [1, null])
  assert.equal(own.lines.b!.low, [null, 2])
})

series.run()
