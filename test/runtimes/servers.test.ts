import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { json } from 'node:stream/consumers'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import type { Answer } from '../../examples/lambda/function-url.ts'
import { serveS3 } from '../edge/s3.ts'
import { cut } from '../edge/support.ts'
import { installPacked } from '../support/packed.ts'
import {
  type Answered,
  headersOf,
  installed,
  locked,
  missing,
  post,
  stream,
  suiteUnless,
  taken,
  token,
  wholeLines,
} from './examples.ts'

const { own: examples, test } = suiteUnless(missing, 'the servers of the examples')

let folder: string
let whole: string[]

examples.before(() => {
  if (missing) return
  folder = installPacked('servers').folder
  whole = wholeLines()
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
