// Runs that were posted to a handler, compared as they lie there.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { handler } from '../../../src/edge/handler.ts'
import { memoryStore } from '../../../src/edge/stores/memory.ts'
import { stages } from '../../../src/stages/registry.gen.ts'
import { loopback } from '../../support/loopback.ts'
import { thalweg } from '../../support/thalweg.ts'
import { recording, type Told, temporary } from './support.ts'

const posted = suite('compare of posted runs')
const { put, remove } = temporary()
posted.after(remove)

const { source, sinks, $schema, ...pipeline } = JSON.parse(
  readFileSync(new URL('../../../pipelines/compare.json', import.meta.url), 'utf8')
)
const server = await loopback(
  handler(pipeline, {
    stages,
    store: memoryStore(),
    authorize: ({ headers }) => headers.get('Authorization') === 'Bearer secret',
  })
)
posted.after(() => server.close())
const { origin } = new URL(server.url)

const headers = { Authorization: 'Bearer secret', 'Content-Type': 'application/x-thalweg' }
const post = async (run: string, bytes: Uint8Array): Promise<string> => {
  const address = `${origin}/runs/${run}`
  // In two pieces that cut a frame.
  for (const [sequence, piece] of [bytes.slice(0, 10_001), bytes.slice(10_001)].entries()) {
    const { status } = await fetch(`${address}/frames`, {
      method: 'POST',
      headers: { ...headers, 'Thalweg-Sequence': String(sequence) },
      body: piece,
    })
    assert.is(status, 200)
  }
  return address
}
const token = ['--token', 'secret']
const compared = async (...args: string[]) => {
  const { stdout, stderr } = await thalweg(['compare', ...args, ...token, '--json'])
  assert.ok(stdout !== '', stderr)
  return JSON.parse(stdout) as Told
}

posted('as their recordings are, and beside these', async () => {
  const streams = [1, 1.5].map((speed) => recording('run', { steps: 120, speed }))
  const files = streams.map((own, i) => put(`file-${i}.thalweg`, own))
  const addresses = [await post('posted-0', streams[0]!), await post('posted-1', streams[1]!)]
  const { comparisons } = await compared(...addresses, ...files)
  const apart = (a: string, b: string) =>
    comparisons
      .filter(({ groups }) => groups.join() === `${a},${b}`)
      .map(({ figure, between }) => [figure, between])
      .sort()
  const between = apart('posted-0', 'posted-1')
  assert.is(between.length, 6)
  assert.equal(between, apart('file-0', 'file-1'))
  for (const i of [0, 1]) {
    assert.ok(apart(`posted-${i}`, `file-${i}`).every(([, distance]) => Number(distance) < 1e-6))
  }
})

posted('one that still goes on, by what it has said so far', async () => {
  const bytes = recording('run', { steps: 120 })
  const going = await post('going', bytes.subarray(0, Math.floor(0.8 * bytes.length)))
  const { comparisons, verdicts } = await compared(going, put('whole.thalweg', bytes))
  assert.match(verdicts[0]!.says, /koopman eigenvalues over the \d+ steps that all runs have/)
  assert.ok(comparisons[0]!.between < 1e-9)
  const beside = await compared(going, await post('whole', bytes))
  assert.match(beside.refused[0]!.refused, /of \d+ and of 120 steps.* --across/)
  assert.ok(beside.comparisons.every(({ figure }) => figure.startsWith('path')))
})

posted('says why there is nothing', async () => {
  const pair = [`${origin}/runs/none`, `${origin}/runs/other`]
  assert.match((await thalweg(['compare', ...pair])).stderr, /the answer is 401 .*--token/s)
  assert.match(
    (await thalweg(['compare', ...pair, ...token])).stderr,
    /the answer is 404 .*E_NO_RUN/s
  )
})

posted.run()
