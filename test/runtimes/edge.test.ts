// The edge examples, as they are and out of the package as it ships, each in its own runtime and over real HTTP.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { buffer, json } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Answer } from '../../examples/lambda/function-url.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { serveS3 } from '../edge/s3.ts'
import { cut, edge, engineLines } from '../edge/support.ts'
import { loopback } from '../support/loopback.ts'
import { installPacked } from '../support/packed.ts'
import { start, thalweg } from '../support/thalweg.ts'
import { inChromium, noChromium } from './chromium.ts'
import { recording } from './programs.ts'
import { type Served, serveWorker } from './workerd.ts'

const installed = resolve('test/runtimes/node_modules/.bin')
const missing = existsSync(installed) ? undefined : 'test/runtimes is not installed'
const examples = suite(`the edge examples${missing ? ` (skipped: ${missing})` : ''}`)
const test = missing ? examples.skip : examples

const token = 'a secret'
/** What every example looks at. */
const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}
const stream = readFileSync(recording)
let folder: string
/** The lines of the whole stream. */
let whole: string[]
/** The bundled Worker, and the memory of one that does nothing. */
let worker: string
let baseline: number

interface Answered {
  readonly status: number
  readonly text: string
}

const linesOf = (text: string): string[] => text.split('\n').filter((line) => line !== '')

const headersOf = (sequence: number): Record<string, string> => ({
  Authorization: `Bearer ${token}`,
  'Content-Type': 'application/x-thalweg',
  'Thalweg-Sequence': String(sequence),
})

async function post(url: string, sequence: number, body: Uint8Array): Promise<Answered> {
  const init = { method: 'POST', headers: headersOf(sequence), body: body as BodyInit }
  const response = await fetch(`${url}/runs/mnist/frames`, init)
  return { status: response.status, text: await response.text() }
}

/** The lines of one piece that was taken. */
function taken({ status, text }: Answered): string[] {
  assert.is(status, 200, text)
  return linesOf(text)
}

/** Without a credential an example says no. */
async function locked(url: string): Promise<void> {
  const response = await fetch(`${url}/runs/mnist`)
  await response.body?.cancel()
  assert.is(response.status, 401)
}

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
  folder = installPacked('edge').folder
  whole = engineLines(stream, pipeline)
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

const browser = missing || noChromium ? examples.skip : examples

/** Posts the stream from a page to a handler of another origin that knows these pages; gives its lines. */
async function postedByPage(originsOf: (page: string) => readonly string[]): Promise<string[]> {
  const page = join(folder, 'page')
  await build({
    stdin: {
      contents: `import { poster } from 'thalweg/tfjs'
        globalThis.post = async (url, path) => {
          const lines = []
          const out = poster(url, {
            headers: { Authorization: 'Bearer ${token}' },
            pieceBytes: 100_000,
            retries: 0,
            strict: true,
            onSummaries: (some) => lines.push(...some),
          })
          await out.write(new Uint8Array(await (await fetch(path)).arrayBuffer()))
          await out.close()
          return lines
        }`,
      resolveDir: folder,
    },
    outfile: join(page, 'page.js'),
    bundle: true,
    format: 'esm',
  })
  writeFileSync(join(page, 'index.html'), '<script type="module" src="page.js"></script>\n')
  writeFileSync(join(page, 'recording'), stream)
  return inChromium(page, async (page, url) => {
    const authorize = ({ headers }: Request) => headers.get('Authorization') === `Bearer ${token}`
    const server = await loopback(
      edge(memoryStore(), { authorize, origins: originsOf(url) }, pipeline)
    )
    try {
      await page.goto(url)
      return await page.evaluate(
        ([url, path]) => {
          type Page = { post(url: string, path: string): Promise<string[]> }
          return (globalThis as unknown as Page).post(url!, path!)
        },
        [server.url, '/recording']
      )
    } finally {
      await server.close()
    }
  })
}

browser('a page posts to a handler of another origin that knows its own', async () => {
  assert.equal(await postedByPage((page) => [page]), whole)
})

browser(
  'a page is stopped by its browser where the handler knows other origins alone',
  async () => {
    const error = await postedByPage(() => ['https://example.com']).catch((error) => error as Error)
    assert.match((error as Error).message, /did not take piece 0.*Failed to fetch/)
  }
)

/** Starts a server and waits until it says where it is. */
function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    const hear = (chunk: Buffer) => {
      said += chunk
      const port = /http:\/\/[\w.]+:(\d+)/.exec(said)?.[1]
      if (port) resolve(`http://127.0.0.1:${port}`)
    }
    child.stdout!.on('data', hear)
    child.stderr!.on('data', hear)
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`it exits with ${code}: ${said}`)))
  })
}

/** What Lambda does with a function: an event goes in, an answer comes out. */
const invocation = `
  import { json } from 'node:stream/consumers'
  import { handler } from './index.mjs'
  console.log(JSON.stringify(await handler(await json(process.stdin))))
`

const servers: Record<string, readonly string[]> = {
  deno: [
    ...['serve', '--no-prompt', '--allow-env=THALWEG_TOKEN'],
    ...['--allow-read=runs', '--allow-write=runs'],
    ...['--host', '127.0.0.1', '--port', '0', 'server.ts'],
  ],
  bun: ['server.ts'],
}

for (const [name, args] of Object.entries(servers)) {
  test(`the ${name} server: two pieces, the second to a new process`, async () => {
    const cwd = join(folder, name)
    cpSync(join('examples', name), cwd, { recursive: true })
    const lines: string[] = []
    for (const [sequence, piece] of cut(stream, [200_000]).entries()) {
      const env = { ...process.env, NO_COLOR: '1', PORT: '0', THALWEG_TOKEN: token }
      const child = spawn(join(installed, name), args, { cwd, env })
      const closed = new Promise((resolve) => child.once('close', resolve))
      try {
        const url = await listening(child)
        await locked(url)
        lines.push(...taken(await post(url, sequence, piece)))
      } finally {
        child.kill('SIGKILL')
        await closed
      }
    }
    assert.equal(lines, whole)
  })
}

test('the Lambda function: two pieces, the second to a new process, with state in S3', async () => {
  const cwd = join(folder, 'lambda')
  cpSync('examples/lambda', cwd, { recursive: true })
  await build({
    entryPoints: [join(cwd, 'index.ts')],
    outfile: join(cwd, 'index.mjs'),
    bundle: true,
    format: 'esm',
    platform: 'node',
  })
  const { server, url } = await serveS3(({ headers }) =>
    /^AWS4-HMAC-SHA256 Credential=key\/\d+\/nowhere-1\/s3/.test(headers.authorization ?? '')
  )
  const env = {
    ...process.env,
    THALWEG_TOKEN: token,
    THALWEG_BUCKET: url,
    AWS_ACCESS_KEY_ID: 'key',
    AWS_SECRET_ACCESS_KEY: 'key',
    AWS_REGION: 'nowhere-1',
  }
  const invoke = async (headers: object, body: Uint8Array): Promise<Answered> => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', invocation], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const event = {
      rawPath: '/runs/mnist/frames',
      headers,
      requestContext: { domainName: 'host', http: { method: 'POST' } },
      body: Buffer.from(body).toString('base64'),
      isBase64Encoded: true,
    }
    child.stdin.end(JSON.stringify(event))
    const { statusCode, body: text } = (await json(child.stdout)) as Answer
    return { status: statusCode, text }
  }
  try {
    const pieces = cut(stream, [200_000])
    const { Authorization: _, ...unsigned } = headersOf(0)
    assert.is((await invoke(unsigned, pieces[0]!)).status, 401)
    const lines: string[] = []
    for (const [sequence, piece] of pieces.entries()) {
      lines.push(...taken(await invoke(headersOf(sequence), piece)))
    }
    assert.equal(lines, whole)
  } finally {
    server.close()
  }
})

examples.run()
