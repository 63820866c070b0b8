import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { koopman } from '../../../src/stages/koopman/index.ts'
import type { KoopmanValues } from '../../../src/stages/koopman/report.ts'
import { blocks, frames, lastOf, runOf } from './runs.ts'

const sentences = suite('what koopman says')

const told = (values: KoopmanValues): string[] =>
  koopman.definition.says!(values).map(({ text }) => text)

sentences('name the growing mode, and none as the slowest', () => {
  const growing = lastOf(frames([runOf(blocks([1.01, 0.3]), { steps: 300 })]))
  assert.match(
    told(growing)[0]!,
    /^Some mode grows; the one of largest modulus changes by a factor of 1\.010 \(95 %: .*; the map in 2 directions tells 100 %/
  )
})

sentences('do not say that all modes shrink where the slowest is fragile', () => {
  const jordan = [
    [1.001, 1, 0],
    [0, 1.001, 0],
    [0, 0, -0.99],
  ]
  const run = runOf(jordan, { steps: 200, start: [0, 0.001, 1] })
  const values = lastOf(frames([run]), { svd: false, koopman: { modes: 3 } })
  assert.is(values.modes!.at(0)!.verdict, 'fragile')
  assert.is(values.modes!.at(-1)!.verdict, 'real')
  assert.is(values.verdict, 'insufficient')
  assert.match(values.why!, /^the slowest mode is nearly parallel to others/)
  assert.match(told(values)[0]!, /^Whether the modes grow or shrink cannot be told so far;/)
})

sentences('call a straight line what it is', () => {
  const line = Array.from({ length: 200 }, (_, t) =>
    Array.from({ length: 8 }, (_, k) => t * (k + 1))
  )
  assert.match(told(lastOf(frames([line])))[0]!, /^All steps are alike: the run goes straight on/)
})

sentences('name the directions of a walk that is told more in more of them', () => {
  const values = lastOf(frames([runOf(blocks(0.98, 0.9), { steps: 300 })]))
  const [first] = told({ ...values, explained: 0.45, explainedNull: 0.49 })
  assert.match(
    first!,
    /tells 45 % of the steps' variance, of a random walk it would tell 49 % in more/
  )
  assert.not.match(told(values)[0]!, /in more/)
})

sentences.run()
