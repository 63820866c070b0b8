// What docs/embed.md tells users of tfjs-node on Node 23 and later: a program of their own trains.
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startBackend } from '../../src/node/train/backends.ts'

const native = suite('tfjs-node on newer Nodes')

const [lines] = /util\.isNullOrUndefined \?\?= .*?isArray$/ms.exec(
  readFileSync('docs/embed.md', 'utf8')
)!
const program = `
  import util from 'node:util'
  import tf from '@tensorflow/tfjs-node'
  ${lines}
  const model = tf.sequential({ layers: [tf.layers.dense({ units: 1, inputShape: [2] })] })
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' })
  await model.fit(tf.tensor([[1, 2]]), tf.tensor([[1]]), { verbose: 0 })
  console.log(tf.getBackend())`

const loads = typeof (await startBackend('tensorflow')) !== 'string'
for (const version of [24, 26]) {
  const node = `test/runtimes/node_modules/node${version}/bin/node`
  const missing = !loads ? 'tfjs-node has no addon here' : !existsSync(node) && 'not installed'
  const test = missing ? native.skip : native
  test(`trains on Node ${version}${missing ? ` (skipped: ${missing})` : ''}`, async () => {
    const env = { ...process.env, TF_CPP_MIN_LOG_LEVEL: '2' }
    const args = ['--input-type=module', '-e', program]
    const { stdout } = await promisify(execFile)(node, args, { env })
    assert.match(stdout, /^tensorflow$/m)
  })
}

native.run()
