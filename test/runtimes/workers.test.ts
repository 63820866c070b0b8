import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import { cut } from '../edge/support.ts'
import { installPacked } from '../support/packed.ts'
import { start, thalweg } from '../support/thalweg.ts'
import {
  headersOf,
  installed,
  linesOf,
  locked,
  missing,
  pipeline,
  post,
  stream,
  suiteUnless,
  taken,
  token,
  wholeLines,
} from './examples.ts'
import { type Served, serveWorker } from './workerd.ts'

const { own: examples, test } = suiteUnless(missing, 'the Worker of the examples')

let folder: string
let whole: string[]
/** The bundled Worker, and the memory of one that does nothing. */
let worker: string
let baseline: number

/** The most memory that a process has had resident. */
function mostResident(pid: number): number {
  const [, kB] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!
  return Number(kB) * 1024
}

const workerd = join(installed, 'workerd')

/** Bundles the example for workerd. */
async function makeWorker(): Promise<string> {
  const source = join(folder, 'cloudflare-worker')
  cpSync('examples/cloudflare-worker', source, { recursive: true })
  const outdir = join(source, 'bundle')
  await build({
    entryPoints: [join(source, 'worker.ts')],
    outdir,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker'],
    loader: { '.wasm': 'copy' },
    platform: 'browser',
  })
  return outdir
}

/** The example in workerd, with its objects in a folder. */
const serveExample = (objects: string): Promise<Served> =>
  serveWorker(workerd, worker, {
    main: 'worker.js',
    bindings: [
      '(name = "RUNS", durableObjectNamespace = "RunObject")',
      `(name = "THALWEG_TOKEN", text = "${token}")`,
    ],
    objects: { className: 'RunObject', folder: objects },
  })

/** What workerd itself takes when a worker does nothing but read what is posted. */
async function bareMemory(piece: Uint8Array): Promise<number> {
  const bare = join(folder, 'bare')
  mkdirSync(bare)
  writeFileSync(
    join(bare, 'bare.js'),
    `export default {
      async fetch({ body }) {
        for await (const chunk of body);
        return new Response()
      }
    }`
  )
  const served = await serveWorker(workerd, bare, { main: 'bare.js', bindings: [] })
  try {
    await post(served.url, 0, piece)
    return mostResident(served.pid)
  } finally {
    await served.stop()
  }
}

interface Restarted {
  readonly lines: string[]
  /** The most that an instance took above a worker that does nothing, in bytes. */
  readonly used: number
}

/** Posts a stream cut at these parts of it, each piece to an instance of its own that is killed when it has answered. */
async function postToInstances(stream: Uint8Array, parts: readonly number[]): Promise<Restarted> {
  const objects = mkdtempSync(join(folder, 'objects-'))
  const lines: string[] = []
  let most = 0
  const pieces = cut(
    stream,
    parts.map((part) => Math.floor(part * stream.length))
  )
  for (const [sequence, piece] of pieces.entries()) {
    const served = await serveExample(objects)
    try {
      await locked(served.url)
      lines.push(...taken(await post(served.url, sequence, piece)))
      most = Math.max(most, mostResident(served.pid))
    } finally {
      await served.stop('SIGKILL')
    }
  }
  return { lines, used: most - baseline }
}

examples.before(async () => {
  if (missing) return
  folder = installPacked('workers').folder
  whole = wholeLines()
  worker = await makeWorker()
  baseline = await bareMemory(stream)
})

test('the Worker: a run and its twin, killed after every piece, end as the whole file does', async () => {
  const { lines } = await postToInstances(stream, [0.07, 0.2, 0.41, 0.5, 0.76, 0.98])
  assert.equal(lines, whole)
})

test('the Worker: a run of 100,000 weights ends as under thalweg run, in less than 128 MB', async () => {
  const training = start(['train', 'mnist-mlp', '--steps', '40', '--quiet'])
  const recorded = await buffer(training.stdout)
  const path = join(folder, 'pipeline.json')
  const ends = { source: { type: 'stdin' }, sinks: [{ type: 'ndjson', path: '-' }] }
  writeFileSync(path, JSON.stringify({ ...pipeline, ...ends }))
  const { code, stdout, stderr } = await thalweg(['run', path], recorded)
  assert.is(code, 0, stderr)
  const expected = linesOf(stdout).map((line) => {
    const { environment: _, ...rest } = JSON.parse(line)
    return JSON.stringify(rest)
  })

  const { lines, used } = await postToInstances(recorded, [0.11, 0.34, 0.61, 0.83])
  assert.equal(lines, expected)
  const { memory, parameters } = JSON.parse(lines.at(-1)!).values
  console.log(
    `${parameters} weights in workerd: ${(used / 1e6).toFixed(1)} MB above the ` +
      `${(baseline / 1e6).toFixed(1)} MB of a bare worker, its arena ${(memory / 1e6).toFixed(1)} MB`
  )
  assert.ok(used > memory && used < 128e6, `${used} bytes`)
})

test('the Worker: a stranger sees the refusal, and is not listened to for ever', async () => {
  const served = await serveExample(mkdtempSync(join(folder, 'objects-')))
  const ask = async (body: Uint8Array | ReadableStream) => {
    const init = { method: 'POST', body, duplex: 'half' } as RequestInit
    const response = await fetch(`${served.url}/runs/mnist/frames`, init)
    return [response.status, ((await response.json()) as { error: { code: string } }).error.code]
  }
  const drip = new ReadableStream({
    async pull(controller) {
      await wait(50)
      controller.enqueue(new Uint8Array(1))
    },
  })
  try {
    assert.equal(await ask(new Uint8Array(4_000_000)), [401, 'E_CREDENTIAL'])
    const asked = performance.now()
    assert.equal(await ask(drip), [401, 'E_CREDENTIAL'])
    assert.ok(performance.now() - asked < 20_000)
  } finally {
    await served.stop()
  }
})

test('in workerd a refusal is seen, however much of its body nobody wanted', async () => {
  const outdir = join(folder, 'refusing')
  await build({
    stdin: {
      contents: `import { handler, memoryStore } from 'thalweg/edge'
        export default {
          fetch: handler({}, {
            stages: [],
            store: memoryStore(),
            authorize: ({ headers }) => headers.get('Authorization') === 'Bearer ${token}',
            limits: { runBytes: 1e6 },
          }),
        }`,
      resolveDir: folder,
    },
    outfile: join(outdir, 'refusing.js'),
    bundle: true,
    format: 'esm',
    conditions: ['workerd'],
    loader: { '.wasm': 'copy' },
  })
  const body = new Uint8Array(4_000_000)
  const served = await serveWorker(workerd, outdir, { main: 'refusing.js', bindings: [] })
  const ask = async (headers: Record<string, string>, path = '/runs/a/frames') => {
    const init = { method: 'POST', headers: { ...headersOf(0), ...headers }, body }
    const response = await fetch(`${served.url}${path}`, init)
    const { error } = (await response.json()) as { error: { code: string } }
    return [response.status, error.code]
  }
  try {
    for (let tries = 0; tries < 4; tries++) {
      assert.equal(await ask({ Authorization: 'Bearer mine' }), [401, 'E_CREDENTIAL'])
      assert.equal(await ask({}, '/runs'), [404, 'E_ROUTE'])
      assert.equal(await ask({ 'Content-Type': 'text/plain' }), [415, 'E_CONTENT_TYPE'])
      assert.equal(await ask({ 'Thalweg-Sequence': '7' }), [409, 'E_GAP'])
      assert.equal(await ask({}), [413, 'E_RUN_SIZE'])
    }
  } finally {
    await served.stop()
  }
})

examples.run()
