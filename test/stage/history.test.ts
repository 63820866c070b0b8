import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import {
  addToHistory,
  historyFigure,
  historyLine,
  historyPoints,
  historyShape,
} from '../../src/stage/history.ts'

const histories = suite('histories of figures over steps')

const empty = () => ({
  historySeen: 0,
  historyPoints: 0,
  historyStride: 0,
  historySteps: new Float64Array(historyShape(2).lists.historySteps),
  history: new Float64Array(historyShape(2).lists.history),
})

histories('keep every point until they are full', () => {
  const state = empty()
  assert.is(historyFigure(state, 2), null)
  for (let step = 1; step <= historyPoints; step++) addToHistory(state, step, [step, -step])
  assert.is(state.historyPoints, historyPoints)
  assert.equal([...historyLine(state, 1).subarray(0, 3)], [-1, -2, -3])
  const { steps, values } = historyFigure(state, 1)!
  assert.is(steps.at(-1), historyPoints)
  assert.is(values.length, 1)
})

histories('keep evenly spaced points of a run of any length', () => {
  const state = empty()
  const steps = 37 * historyPoints + 5
  for (let step = 1; step <= steps; step++) addToHistory(state, step, [step / 2, 0])
  const kept = historyFigure(state, 2)!
  assert.is(state.historyStride, 64)
  assert.equal(
    kept.steps,
    Array.from({ length: Math.ceil(steps / 64) }, (_, i) => 1 + 64 * i)
  )
  assert.equal(
    kept.values[0],
    kept.steps.map((step) => step / 2)
  )
})

histories.run()
