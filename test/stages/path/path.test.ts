import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { path } from '../../../src/stages/path/index.ts'
import type { PathValues } from '../../../src/stages/path/report.ts'
import { checkStage } from '../../../src/testing/index.ts'
import { analyseFrames, framesOf } from '../harness.ts'
import { gaussian } from '../koopman/runs.ts'

const paths = suite('path')
paths('conformance', async () => {
  await checkStage(path, { options: [{}, { checkpoints: 8 }, { per: 'tensor' }] as never })
})
paths.run()
