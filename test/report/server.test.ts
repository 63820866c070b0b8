import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Picture } from '../../src/sinks/report/model/picture.ts'

const server = suite('thalweg server')

const store = 'out/report/runs'
const stream = readFileSync('test/fixtures/mnist.thalweg')
const half = Math.floor(stream.length / 2)

/** Starts it at a free port. */
async function started(...options: string[]): Promise<{ child: ChildProcess; url: string }> {
  const argv = ['dist/node/cli/main.js', 'server', '--port', '0', '--store', store, ...options]
  const child = spawn(process.execPath, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr!.on('data', (text) => {
      const [found] = /http\S+/.exec(String(text)) ?? []
      if (found) resolve(found)
      else reject(new Error(String(text)))
    })
  })
  return { child, url }
}

async function ended(child: ChildProcess): Promise<number | null> {
  const code = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return code
}

function post(url: string, sequence: number, body: Uint8Array, headers: object = {}) {
  return fetch(new URL('/runs/mine/frames', url), {
    method: 'POST',
    body: body as Uint8Array<ArrayBuffer>,
    headers: {
      'Content-Type': 'application/x-thalweg',
      'Thalweg-Sequence': String(sequence),
      ...headers,
    },
  })
}

/** The picture in the page. */
async function pictureAt(url: string): Promise<Picture> {
  const html = await (await fetch(url)).text()
  return JSON.parse(/id="picture">(.*)<\/script>\n<script>/.exec(html)![1]!) as Picture
}

server('takes what is posted, shows it, and goes on after it was stopped', async () => {
  rmSync(store, { recursive: true, force: true })
  const first = await started()
  const lost = await fetch(first.url, { method: 'POST', body: 'x' })
  assert.equal([lost.status, await lost.text()], [405, 'runs are posted to /runs/<id>/frames\n'])
  assert.is((await post(first.url, 0, stream.subarray(0, half))).status, 200)
  const early = (await pictureAt(first.url)).runs
  assert.equal(
    early.map(({ run }) => run),
    ['mine']
  )
  assert.is((await post(first.url, 0, stream.subarray(0, half))).status, 200)
  assert.is(
    (await pictureAt(first.url)).runs[0]!.sections[0]!.scopes[0]!.series!.steps.length,
    early[0]!.sections[0]!.scopes[0]!.series!.steps.length
  )
  assert.is(await ended(first.child), 143)

  const second = await started()
  const [stored] = (await pictureAt(second.url)).runs
  assert.equal([stored!.run, stored!.step], ['mine', early[0]!.step])
  assert.is((await post(second.url, 1, stream.subarray(half))).status, 200)
  const [run] = (await pictureAt(second.url)).runs
  assert.is(run!.run, 'mine')
  assert.ok(run!.end, 'the run has ended')
  assert.ok(run!.step > early[0]!.step)
  assert.is((await pictureAt(second.url)).runs.length, 1)
  const metrics = await (await fetch(new URL('/metrics', second.url))).text()
  assert.match(metrics, `thalweg_step{run="mine"} ${run!.step}\n`)
  assert.is(await ended(second.child), 143)
})

server('is ready before the first run, and shows those that ended before it started', async () => {
  rmSync(store, { recursive: true, force: true })
  const first = await started('--token', 'abc')
  const at = (path: string) => new URL(path, first.url)
  const bearer = { Authorization: 'Bearer abc' }
  assert.is((await fetch(at('/readyz'))).status, 401)
  assert.is((await fetch(at('/readyz'), { headers: bearer })).status, 200)
  assert.is((await fetch(at('/readyz?token=abc'))).status, 200)
  assert.is(await (await fetch(at('/metrics'), { headers: bearer })).text(), '')
  assert.is((await post(first.url, 0, stream, bearer)).status, 200)
  await ended(first.child)

  const second = await started('--token', 'abc')
  const [run] = (await pictureAt(second.url)).runs
  assert.is(run!.run, 'mine')
  assert.ok(run!.end, 'the run has ended')
  assert.is(await ended(second.child), 143)
})

server('lets in who knows the token', async () => {
  rmSync(store, { recursive: true, force: true })
  const { child, url } = await started('--token', 'abc')
  assert.is((await post(url, 0, stream.subarray(0, half))).status, 401)
  assert.is(
    (await post(url, 0, stream.subarray(0, half), { Authorization: 'Bearer abc' })).status,
    200
  )
  assert.is((await fetch(new URL('/', url))).status, 401)
  assert.is((await pictureAt(url)).runs.length, 1)
  assert.is(await ended(child), 143)
})

server('shows no page to a site that points its name at this machine', async () => {
  const { child, url } = await started()
  const { port } = new URL(url)
  const { request } = await import('node:http')
  const status = await new Promise((resolve) => {
    request({ port, headers: { host: 'evil.example' } }, ({ statusCode }) =>
      resolve(statusCode)
    ).end()
  })
  assert.is(status, 403)
  assert.is(await ended(child), 143)
})

server.run()
