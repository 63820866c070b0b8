import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ThalwegError } from '../../../src/error.ts'
import { AbsentPeer, peerFile, requirePeer } from '../../../src/node/peers.ts'
import { loadBackend } from '../../../src/node/train/backends.ts'
import { ended } from '../../support/thalweg.ts'

const test = suite('backends')
const addonMissing =
  'The Node.js native addon module (tfjs_binding.node) can not be found at path: /x. \nPlease run command'

/** Packages as a machine has them that lacks some; what is there is real. */
const without =
  (failures: Record<string, Error>) =>
  (name: string): unknown => {
    if (failures[name]) throw failures[name]
    return requirePeer(name)
  }
const absent = (name: string) => ({ [name]: new AbsentPeer(name, undefined) })

test('falls back from tfjs-node to WASM and says what tfjs-node lacks', async () => {
  const reasons = [
    [absent('@tensorflow/tfjs-node')['@tensorflow/tfjs-node']!, 'is not installed'],
    [new Error(addonMissing), 'is there without its native addon'],
    [
      new Error('libtensorflow.so.2: cannot open\nmore'),
      'does not load: libtensorflow.so.2: cannot open',
    ],
  ] as const
  for (const [error, reason] of reasons) {
    const load = without({ '@tensorflow/tfjs-node': error })
    const { tf, name, about } = await loadBackend('auto', load)
    assert.is(name, 'wasm')
    assert.is(tf.getBackend(), 'wasm')
    assert.match(about, 'on its WASM backend; @tensorflow/tfjs-node ')
    assert.match(about, reason)
    assert.not.match(about, 'more')
  }
})

test('falls back to plain JavaScript last', async () => {
  const load = without({
    ...absent('@tensorflow/tfjs-node'),
    ...absent('@tensorflow/tfjs-backend-wasm'),
  })
  const { tf, name, about } = await loadBackend('auto', load)
  assert.is(name, 'cpu')
  assert.is(tf.matMul([[1, 2]], [[3], [4]]).dataSync()[0], 11)
  assert.match(about, 'tfjs-backend-wasm is not installed')
})

test('leaves the process its own handling of uncaught errors', async () => {
  const { code, stderr } = await ended(
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program])
  )
  assert.is(code, 1)
  assert.match(stderr, 'Error: mine')
  assert.ok(stderr.length < 5000, `${stderr.length} characters`)
})

const program = `
  import { loadBackend } from './src/node/train/backends.ts'
  const { tf } = await loadBackend('wasm')
  tf.matMul([[1, 2]], [[3], [4]]).dataSync()
  setTimeout(() => { throw new Error('mine') })`

test('refuses when TF.js is not there at all, naming the package', async () => {
  const load = without({ ...absent('@tensorflow/tfjs-node'), ...absent('@tensorflow/tfjs') })
  const error = await rejection(loadBackend('auto', load))
  assert.is(error.code, 'E_PEER')
  assert.match(error.message, /npm install @tensorflow\/tfjs @tensorflow\/tfjs-backend-wasm /)
  assert.is(error.message.match(/tfjs is not installed/g)?.length, 1)
  const wasm = await rejection(loadBackend('wasm', load))
  assert.match(wasm.message, /npm install @tensorflow\/tfjs @tensorflow\/tfjs-backend-wasm /)
})

test('does not fall back from the backend that was asked for', async () => {
  const error = await rejection(loadBackend('tensorflow', without(absent('@tensorflow/tfjs-node'))))
  assert.is(error.code, 'E_PEER')
  assert.match(error.message, 'backend "tensorflow": @tensorflow/tfjs-node is not installed')
})

test('gives tfjs-node the functions of util that Node 23 removed', async () => {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  const kept = { isNullOrUndefined: util.isNullOrUndefined, isArray: util.isArray }
  Object.assign(util, { isNullOrUndefined: undefined, isArray: undefined })
  try {
    await loadBackend('auto', without(absent('@tensorflow/tfjs-node')))
    const isNullOrUndefined = util.isNullOrUndefined as (value: unknown) => boolean
    assert.equal([null, undefined, 0, ''].map(isNullOrUndefined), [true, true, false, false])
    assert.is(util.isArray, Array.isArray)
  } finally {
    Object.assign(util, kept)
  }
})

test('names a data package that is not installed', () => {
  for (const find of [() => requirePeer('no-such-data'), () => peerFile('no-such-data', 'x')]) {
    assert.throws(find, (error: unknown) => {
      assert.instance(error, AbsentPeer)
      return /no-such-data is not installed.* npm install no-such-data/.test(String(error))
    })
  }
})

async function rejection(promise: Promise<unknown>): Promise<ThalwegError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason
  )
  assert.instance(error, ThalwegError)
  return error as ThalwegError
}

test.run()
