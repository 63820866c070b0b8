import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { TrainOptions } from '../../../src/node/train/options.ts'
import { irisChaos } from '../../../src/node/train/recipes/iris-chaos.ts'
import { train } from '../../../src/node/train/train.ts'
import { collect, replay } from '../../support/replay.ts'
import { thalweg } from '../../support/thalweg.ts'

const replicates = suite('replicates of a training')

const runs = async (options: TrainOptions) =>
  replay(await collect(train(irisChaos, { backend: 'wasm', steps: 3, members: 1, ...options })))
const weights = ({ members }: Awaited<ReturnType<typeof runs>>[number]) => members[0]!.weights
/** Weights that never move are those of the start. */
const starts = async (options: TrainOptions) => runs({ learningRate: 0, ...options })

replicates('are runs of a stream, each what its seed alone gives', async () => {
  const found = await runs({ replicates: 3, seed: 5 })
  assert.equal(
    found.map(({ open }) => [open.run, open.meta.seed, open.meta.replicate]),
    [1, 2, 3].map((n) => [`iris-chaos-${n}`, 4 + n, n])
  )
  for (const [r, own] of found.entries()) {
    const [alone] = await runs({ seed: 5 + r })
    assert.equal(weights(own), weights(alone!))
  }
})

replicates(
  'perturbed ones start nearby, each kernel weight by its share, and share the rest',
  async () => {
    const [first, ...others] = await starts({ replicates: 3, perturb: 0.001 })
    assert.equal(weights(first!), weights((await starts({}))[0]!), 'the first is not perturbed')
    for (const { open, ...own } of others) {
      assert.is(open.meta.seed, 0)
      assert.is(open.meta.perturb, 0.001)
      open.tensors.forEach(({ role }, i) => {
        const [from, to] = [weights(first!)[i]!, weights({ open, ...own })[i]!]
        if (role !== 'kernel') {
          assert.equal(to, from)
          return
        }
        const shares = Array.from(from, (value, k) => Math.abs(to[k]! / value - 1))
        assert.ok(Math.max(...shares) < 0.00101 && Math.max(...shares) > 0.0008, String(shares))
      })
    }
    assert.not.equal(weights(others[0]!), weights(others[1]!))
  }
)

replicates('the same groups as members', async () => {
  const [run] = await starts({ members: 3, perturb: 0.001 })
  const apart = await starts({ replicates: 3, perturb: 0.001 })
  assert.equal(
    run!.members.map((member) => member.weights),
    apart.map(weights)
  )
})

replicates('through the command line: two groups for compare, in two commands', async () => {
  const { code, stderr } = await thalweg([
    ...['train', 'iris-chaos', '--members', '1', '--steps', '2', '--backend', 'wasm'],
    ...['--replicates', '2', '--perturb', '0.1%', '--quiet'],
  ])
  assert.is(code, 0, stderr)
  const { stderr: wrong } = await thalweg(['train', 'iris-chaos', '--perturb', '200%'])
  assert.match(wrong, '--perturb: 2 is not a number from 0 to 1')
})

replicates.run()
