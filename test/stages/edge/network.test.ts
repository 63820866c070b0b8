import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { edge } from '../../../src/stages/edge/index.ts'
import type { EdgeValues } from '../../../src/stages/edge/spec.ts'
import { type Dense, dense, entry, gaussian } from '../matrices.ts'
import { close, look, still } from './support.ts'

const stage = suite('the hidden map of a declared network')

const scaled = (rows: number, columns: number, size: number, seed: number): Dense => {
  const noise = gaussian(rows, columns, seed)
  return dense(rows, columns, (i, j) => (size * entry(noise, i, j)) / Math.sqrt(columns))
}
const norm = (a: Dense): number => Math.hypot(...a.values)

stage('iterates the hidden map of a declared network of one layer', () => {
  const found = (size: number, activation: string): EdgeValues => {
    const tensors = [{ name: 'w', shape: [96, 96], values: scaled(96, 96, size, 8) }]
    const network = [{ kernel: 'w', activation }]
    const stages = [edge({ look: { every: 100 }, inputs: 6, iterations: 200 })]
    return still(tensors, { meta: { network } }, stages).at(-1)!.values as unknown as EdgeValues
  }
  const ordered = found(0.5, 'tanh')
  assert.ok(ordered.asymptoticDistance! < 1e-10)
  // At rest the Jacobian is the matrix.
  close(
    ordered.jacobianNorm!,
    norm(scaled(96, 96, 0.5, 8)) / Math.sqrt(96),
    4 * ordered.jacobianNormError!
  )
  const chaotic = found(2.5, 'tanh')
  assert.ok(chaotic.asymptoticDistance! > 1)
  assert.ok(chaotic.jacobianNorm! > 1 && chaotic.phase === 'chaotic')
  const relu = found(1, 'relu')
  assert.ok(relu.asymptoticDistance! < 1e-8 && relu.phase === 'ordered')
  assert.match(found(1, 'gelu').why!, 'meta.network[0].activation')
})

stage(
  'iterates a network of several layers with biases, each on its owner, to the same bits',
  () => {
    const [w1, w2] = [scaled(48, 32, 1, 1), scaled(32, 48, 1, 2)]
    const [b1, b2] = [gaussian(48, 1, 3), gaussian(32, 1, 4)]
    const tensors = [
      { name: 'a', shape: [48, 32], values: w1 },
      { name: 'a.bias', shape: [48], values: b1 },
      { name: 'b', shape: [32, 48], values: w2 },
      { name: 'b.bias', shape: [32], values: b2 },
    ]
    const network = [
      { kernel: 'a', bias: 'a.bias', activation: 'linear' },
      { kernel: 'b', bias: 'b.bias', activation: 'linear' },
    ]
    const options = { look: { every: 100 }, inputs: 12, iterations: 5, per: 'model' } as const
    const run = (shards: number) => still(tensors, { meta: { network } }, [edge(options)], shards)
    const [summary] = run(1)
    const { jacobianNorm, jacobianNormError, asymptoticDistance, j } = summary!
      .values as unknown as EdgeValues
    assert.is(j, undefined)
    const product = dense(32, 32, (i, k) => {
      let sum = 0
      for (let l = 0; l < 48; l++) sum += entry(w2, i, l) * entry(w1, l, k)
      return sum
    })
    close(jacobianNorm!, norm(product) / Math.sqrt(32), 4 * jacobianNormError!)
    assert.ok(asymptoticDistance! > 0 && asymptoticDistance! < 1e-2)
    for (const shards of [2, 3, 4]) assert.equal(run(shards), run(1), `${shards} shards`)
    const [byTensor] = still(tensors, { meta: { network } }, [edge({ look })])
    assert.is((byTensor!.values as unknown as EdgeValues).jacobianNorm, undefined)
  }
)

stage('says why a declared network cannot be iterated', () => {
  const tensors = [
    { name: 'a', shape: [8, 6], values: gaussian(8, 6, 1) },
    { name: 'b', shape: [5, 8], values: gaussian(5, 8, 1) },
  ]
  const why = (network: unknown): string => {
    const open = { meta: { network: network as never } }
    const [summary] = still(tensors, open, [edge({ per: 'model', look })])
    return summary!.values.why as string
  }
  const layer = (kernel: string, more: object = {}) => ({ kernel, activation: 'tanh', ...more })
  assert.match(why('tanh'), 'is not a list of layers')
  assert.match(why([layer('a'), layer('b')]), 'maps 6 to 5 numbers')
  assert.match(why([layer('b'), layer('a')]), 'takes 6 inputs, the layer before gives 5')
  assert.match(why([layer('c')]), 'does not name a matrix')
  assert.match(why([layer('a', { bias: 'b' })]), 'with 8 elements')
})

stage.run()
