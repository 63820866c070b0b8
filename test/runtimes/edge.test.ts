// The edge examples, as they are and out of the package as it ships, each in its own runtime and over real HTTP.
import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { json } from 'node:stream/consumers'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Answer } from '../../examples/lambda/function-url.ts'
import { serveS3 } from '../edge/s3.ts'
import { cut, engineLines } from '../edge/support.ts'
import { installPacked } from '../support/packed.ts'
import { recording } from './programs.ts'
import { type Served, serveWorker } from './workerd.ts'

const installed = resolve('test/runtimes/node_modules/.bin')
const missing = existsSync(installed) ? undefined : 'test/runtimes is not installed'
const examples = suite(`the edge examples${missing ? ` (skipped: ${missing})` : ''}`)
const test = missing ? examples.skip : examples

const MiB = 2 ** 20
const token = 'a secret'
/** What every example looks at. */
const pipeline = {
  block: 16,
  stages: [{ type: 'svd', rank: 8 }, { type: 'cmd' }, { type: 'ftle' }],
}
const stream = readFileSync(recording)
let folder: string
let whole: string[]

examples.before(() => {
  folder = installPacked('edge').folder
  whole = engineLines(stream, pipeline)
})

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
  const init = { method: 'POST', headers: headersOf(sequence), body }
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

/** Bundles the worker for workerd, and beside it one that does nothing. */
async function makeWorkers(): Promise<{ worker: string; bare: string; objects: string }> {
  const source = join(folder, 'cloudflare-worker')
  cpSync('examples/cloudflare-worker', source, { recursive: true })
  const [worker, bare] = [join(source, 'bundle'), join(source, 'bare')]
  await build({
    entryPoints: [join(source, 'worker.ts')],
    outdir: worker,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker'],
    loader: { '.wasm': 'copy' },
    platform: 'browser',
  })
  const objects = join(source, 'objects')
  for (const made of [bare, objects]) mkdirSync(made)
  writeFileSync(
    join(bare, 'bare.js'),
    'export default { fetch: async (request) => new Response(await request.text()) }\n'
  )
  return { worker, bare, objects }
}

test('the Worker: a run whose instance is killed after every piece ends as the whole file does', async () => {
  const workerd = join(installed, 'workerd')
  const { worker, bare, objects } = await makeWorkers()
  const serve = (): Promise<Served> =>
    serveWorker(workerd, worker, {
      main: 'worker.js',
      bindings: [
        '(name = "RUNS", durableObjectNamespace = "RunObject")',
        `(name = "THALWEG_TOKEN", text = "${token}")`,
      ],
      objects: { className: 'RunObject', folder: objects },
    })

  const pieces = cut(
    stream,
    [0.07, 0.2, 0.41, 0.5, 0.76, 0.98].map((part) => Math.floor(part * stream.length))
  )
  const idle = await serveWorker(workerd, bare, { main: 'bare.js', bindings: [] })
  const baseline = await post(idle.url, 0, pieces[0]!).then(() => mostResident(idle.pid))
  await idle.stop()

  const lines: string[] = []
  const pids = new Set<number>()
  let most = 0
  for (const [sequence, piece] of pieces.entries()) {
    const served = await serve()
    pids.add(served.pid)
    if (sequence === 0) await locked(served.url)
    lines.push(...taken(await post(served.url, sequence, piece)))
    most = Math.max(most, mostResident(served.pid))
    await served.stop('SIGKILL')
  }
  assert.is(pids.size, pieces.length)
  assert.equal(lines, whole)

  const { memory: arena } = JSON.parse(lines.at(-1)!).values as { memory: number }
  const used = most - baseline
  const inMiB = (bytes: number) => `${(bytes / MiB).toFixed(1)} MiB`
  console.log(
    `${pieces.length} instances, each at most ${inMiB(used)} above a bare worker's ` +
      `${inMiB(baseline)}; arena ${inMiB(arena)}`
  )
  assert.ok(used < 128e6, `${used} bytes`)
})

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
    ...['serve', '--no-prompt', '--allow-env', '--allow-read', '--allow-write=runs'],
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
