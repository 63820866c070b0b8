import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runVerdict } from '../../../src/stages/koopman/verdicts.ts'

const verdicts = suite('verdicts of a spectrum')

const decaying = [0.9, 0.95] as const
const about = [0.99, 1.001] as const
const growing = [1.001, 1.01] as const

for (const [what, intervals, out, verdict] of [
  ['no map that stands out', [growing], false, 'noise'],
  ['no map, no intervals', [], false, 'noise'],
  ['no real mode', [], true, 'insufficient'],
  ['no interval of the slowest', [undefined, growing], true, 'insufficient'],
  ['any mode that grows', [about, growing], true, 'growing'],
  ['a slowest mode below 1', [decaying, undefined], true, 'decaying'],
  ['a slowest mode that may be 1', [about, decaying], true, 'neutral'],
  ['growth by less than 1e-6', [[1 + 5e-7, 1.1] as const], true, 'neutral'],
  ['decay by less than 1e-6', [[0.9, 1 - 5e-7] as const], true, 'neutral'],
] as const) {
  verdicts(`${what}: ${verdict}`, () => {
    assert.is(runVerdict(intervals, out), verdict)
  })
}

verdicts.run()
