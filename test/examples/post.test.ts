import { spawn, spawnSync } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { edge, engineLines, type Fetch, failover } from '../edge/support.ts'
import { type Fault, loopback } from '../support/loopback.ts'
import { ended } from '../support/thalweg.ts'

const has = (...modules: string[]) =>
  spawnSync('python3', ['-c', `import ${modules.join(', ')}`]).status === 0
const missing = !has('msgpack', 'numpy')
if (missing) console.log('  (skipped: python3 with msgpack and numpy is not here)')
const torchless = missing || !has('torch')
if (torchless) console.log('  (skipped where it trains with PyTorch: torch is not here)')

const posting = suite('python Post')
const test = missing ? posting.skip : posting
const torch = torchless ? posting.skip : posting

const pipeline = {
  block: 4,
  emit: { every: 1 },
  stages: [{ type: 'svd', rank: 3, columns: 6 }],
}
const failing = (status: number, headers = {}) => new Response('no', { status, headers })

/** A short training that posts; it prints the summaries that come back, and what went wrong. */
const train = (url: string, options: string, dies: boolean) => `
import time
import numpy as np
from thalweg import Post, Stream
random = np.random.default_rng(0)
weights = [('a', random.standard_normal((40, 50)))]
out = Post('${url}', summaries=lambda lines: print(*lines, sep='\\n'), backoff=0.001, ${options})
stream = Stream(weights, out=out, pace='every')
for step in range(1, 41):
    weights[0][1].__iadd__(random.standard_normal((40, 50)) * 1e-4)
    stream.record(step, loss=1 / step)
    time.sleep(0.002)  # or the thread that posts may come only when all is done
    ${dies ? 'if step == 25: out.close(); print("trained"); exit()' : ''}
stream.close()
try:
    out.close()
except ConnectionError as error:
    print('closed:', error)
print('trained')
`

interface Options {
  readonly post?: string
  /** Whether it ends after 25 of its 40 steps. */
  readonly dies?: boolean
  readonly faultOf?: (request: number) => Fault
}

/** What the training printed, and what was seen at the other end. */
async function posted(
  fetch: Fetch,
  { post = 'piece_bytes=30_000', dies = false, faultOf }: Options = {}
) {
  const server = await loopback(fetch, faultOf)
  const { code, stdout, stderr } = await ended(python('-c', train(server.url, post, dies)))
  await server.close()
  const printed = stdout.trimEnd().split('\n')
  assert.equal([code, printed.pop()], [0, 'trained'], stderr)
  return { lines: printed, stderr, seen: server.seen, taken: server.taken() }
}

function python(...args: string[]) {
  const env = { ...process.env, PYTHONPATH: 'python/src', THALWEG_TOKEN: 'mine' }
  return spawn('python3', args, { env })
}

for (const [what, fault] of [
  ['succeeds', () => undefined],
  ['is dropped', () => 'dropped'],
  ['loses its answer', () => 'lost'],
  ['is answered 503', () => failing(503, { 'Retry-After': '0' })],
] as [string, () => Fault][]) {
  test(`each piece is taken once, in order, when every third request ${what}`, async () => {
    const faultOf = (request: number) => (request % 3 === 0 ? fault() : undefined)
    const { lines, stderr, seen, taken } = await posted(edge(memoryStore(), {}, pipeline), {
      faultOf,
    })
    assert.is(stderr, '')
    assert.equal(lines, engineLines(taken, pipeline))
    assert.match(lines.at(-1)!, '"end":"closed"')
    const numbers = seen.map(({ sequence }) => sequence)
    assert.ok(numbers.every((n, i) => i === 0 || n === numbers[i - 1] || n === numbers[i - 1]! + 1))
    const pieces = Math.ceil(taken.length / 30_000)
    assert.is(new Set(numbers).size, pieces)
    assert.is(seen.length, pieces + (fault() ? Math.ceil(pieces / 2) : 0))
  })
}

test('it waits as long as the server asks, and posts small pieces by their age', async () => {
  const faultOf = (request: number) =>
    request === 1 ? failing(503, { 'Retry-After': '1' }) : undefined
  const begun = performance.now()
  const fetch = edge(memoryStore(), {}, pipeline)
  const { lines, seen, taken } = await posted(fetch, { faultOf, post: 'piece_seconds=0' })
  assert.ok(performance.now() - begun > 990)
  assert.equal(lines, engineLines(taken, pipeline))
  assert.ok(seen.length > 2)
})

test('it posts the last piece again to a server that has lost it', async () => {
  const { lines, seen, taken } = await posted(failover(pipeline))
  assert.equal(
    seen.slice(5, 9).map(({ sequence, status }) => [sequence, status]),
    [
      [5, 200],
      [6, 409],
      [5, 200],
      [6, 200],
    ]
  )
  assert.equal(lines, engineLines(taken, pipeline))
})

test('of a training that was started again goes on with its run', async () => {
  const fetch = edge(memoryStore(), {}, pipeline)
  const died = await posted(fetch, { post: 'piece_bytes=30_000', dies: true })
  const pieces = died.seen.length
  assert.match(died.lines.at(-1)!, '"step":24')
  const lost = (request: number) => (request % 3 === 1 ? 'lost' : undefined)
  const again = await posted(fetch, { post: 'piece_bytes=30_000, resume=True', faultOf: lost })
  assert.is(again.stderr, '')
  const numbers = [...new Set(again.seen.map(({ sequence }) => sequence))]
  assert.equal(
    numbers,
    [0, pieces].concat(Array.from({ length: numbers.length - 2 }, (_, i) => pieces + 1 + i))
  )
  const { values } = JSON.parse(again.lines.at(-1)!)
  assert.equal([values.end, values.steps], ['closed', 40])
})

test('of two trainings that go on with a run, the first gives up and says why', async () => {
  const fetch = edge(memoryStore(), {}, pipeline)
  const post = 'piece_bytes=30_000, resume=True'
  await posted(fetch, { post, dies: true })
  let requests = 0
  const interrupted: Fetch = async (request) => {
    if (++requests === 4) assert.is((await posted(fetch, { post })).stderr, '')
    return fetch(request)
  }
  const { stderr } = await posted(interrupted, { post })
  assert.match(stderr, /goes on with another trainer since piece \d+\. Let one of them post/)
})

test('of another training gives up, and mixes nothing into the run', async () => {
  const fetch = edge(memoryStore(), {}, pipeline)
  const whole = await posted(fetch, { post: 'piece_bytes=2**20' })
  assert.is(whole.seen.length, 1)
  const { stderr, taken } = await posted(fetch)
  assert.match(stderr, /has another stream's pieces, 1 so far/)
  assert.is(taken.length, 0)
})

for (const [what, fetch, pattern] of [
  [
    'without a credential',
    edge(memoryStore(), { authorize: () => false }, pipeline),
    /refused piece 0 with 401: this needs a valid credential/,
  ],
  [
    'where it is redirected',
    async () => failing(302, { Location: '/elsewhere' }),
    /refused piece 0 with 302: no/,
  ],
  [
    'on data that are refused',
    edge(memoryStore(), {}, { ...pipeline, select: { include: ['b'] } }),
    /refused piece 0 with 422: .*\[E_SELECT\]/,
  ],
  ['when no try succeeds', async () => failing(503), /did not take piece 0 in 3 tries: 503: no/],
] as [string, Fetch, RegExp][]) {
  test(`it gives up ${what}, and training goes on`, async () => {
    const { lines, stderr } = await posted(fetch, { post: 'retries=2, strict=True' })
    assert.match(stderr, pattern)
    assert.match(lines.at(-1)!, /^closed: thalweg: http:.*\/runs\/mine\/frames /)
    assert.match(lines.at(-1)!, pattern)
  })
}

torch('a PyTorch training posts with the credential from its environment', async () => {
  const authorize = ({ headers }: Request) => headers.get('Authorization') === 'Bearer mine'
  const server = await loopback(edge(memoryStore(), { authorize }, pipeline))
  const script = 'examples/python/mnist_torch.py'
  const child = python(script, '--hidden', '8', '--steps', '100', '--post', server.url)
  const { code, stdout, stderr } = await ended(child)
  const response = await fetch(server.url.replace('/frames', ''), {
    headers: { Authorization: 'Bearer mine' },
  })
  const latest = (await response.text()).trimEnd().split('\n')
  await server.close()
  assert.is(code, 0, stderr)
  assert.match(stdout, 'test accuracy')
  const newest = new Map<string, string>()
  for (const line of engineLines(server.taken(), pipeline)) {
    newest.set((JSON.parse(line) as { stage: string }).stage, line)
  }
  assert.equal([...newest.keys()].sort(), ['health', 'metrics', 'run', 'svd'])
  assert.equal(latest.sort(), [...newest.values()].sort())
})

posting.run()
