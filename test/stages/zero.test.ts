import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../src/stages/cmd/index.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { random } from '../engine/frames.ts'
import { analyseRecording } from './harness.ts'

const zero = suite('a block without columns')

zero('reports what the last full block left, in every stage', () => {
  const next = random(5)
  const walk = () => Array.from({ length: 48 }, () => Float32Array.from({ length: 300 }, next))
  const start = Float32Array.from({ length: 300 }, next)
  const near = start.map((w) => w + 1e-3 * next())
  const recording = { deltas: [walk(), walk()], anchors: [start, near] }
  for (const stage of [
    health(),
    svd({ rank: 4 }),
    cmd({ samples: 50, warmup: 8, choose: 8 }),
    ftle(),
  ]) {
    const often = analyseRecording(recording, stage, { emit: { every: 1 } })
    const rarely = analyseRecording(recording, stage, { emit: { every: 2 } })
    assert.is(often.error, undefined)
    assert.is(rarely.error, undefined)
    assert.is(rarely.summaries.length, 2, 'the third block was not reported when it came')
    assert.equal(
      rarely.summaries.at(-1)!.values,
      often.summaries.at(-1)!.values,
      stage.definition.type
    )
  }
})

zero.run()
