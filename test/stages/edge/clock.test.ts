import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Block } from '../../../src/stage/index.ts'
import { advanceClock } from '../../../src/stages/edge/clock.ts'

const clocks = suite('the clock of edge')

const facts = {
  optimizer: 'sgd',
  momentum: 0.5,
  batchSize: 20,
  datasetSize: 100,
  weightDecay: 0,
}
const rates = [{ learningRate: 0.1 }, { learningRate: 0.1 }, { learningRate: 0.2 }]
const stopped = () => ({ running: 0, step: 0, epoch: 0, exposure: 0 })
const blockOf = (steps: number[], epochs: (number | undefined)[]) =>
  ({ steps, epochs }) as unknown as Block

clocks('counts epochs by batch and data set where the stream does not say them', () => {
  const clock = stopped()
  const times = advanceClock(
    clock,
    blockOf([1, 2, 5], [undefined, undefined, undefined]),
    0,
    facts,
    rates
  )
  const expected = [0, 0.2, 0.4, 1]
  times.forEach(({ epoch, exposure }, i) => {
    assert.ok(Math.abs(epoch - expected[i]!) < 1e-15)
    assert.ok(Math.abs(exposure - ([0, 0.2, 0.4, 1.6][i]! * 0.1) / (0.5 * 20)) < 1e-17)
  })
  advanceClock(clock, blockOf([10], [undefined]), 5, facts, rates)
  assert.ok(Math.abs(clock.epoch - 2) < 1e-15)
})

clocks('believes the epochs of the stream, and takes the start from how they grow', () => {
  const times = advanceClock(stopped(), blockOf([3, 5, 7], [1.5, 2.5, 3.5]), 2, facts, rates)
  assert.equal(
    times.map(({ epoch }) => epoch),
    [1, 1.5, 2.5, 3.5]
  )
  assert.ok(Math.abs(times[3]!.exposure - (3.5 * 0.1) / 10) < 1e-17)
})

clocks('does not know what nothing tells', () => {
  const unsaid = { ...facts, batchSize: Number.NaN }
  const [before, after] = advanceClock(stopped(), blockOf([1], [undefined]), 0, unsaid, rates)
  assert.ok(Number.isNaN(before!.epoch))
  assert.ok(Number.isNaN(after!.exposure))
})

clocks.run()
