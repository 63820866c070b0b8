// The notebook, in a real Jupyter kernel: the page is live while it trains, the report is of the run that has ended.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

interface Notebook {
  readonly cells: readonly {
    readonly outputs?: readonly { readonly data?: { readonly 'text/html'?: string[] | string } }[]
  }[]
}

const needed = 'import ipykernel, msgpack, nbconvert, torch'
const missing = spawnSync('python3', ['-c', needed]).status !== 0
if (missing) console.log('  (skipped: python3 with ipykernel, nbconvert and torch is not here)')

const notebook = suite('examples/notebook')
const test = missing ? notebook.skip : notebook
const folder = mkdtempSync(resolve('test', 'tmp-'))
notebook.after(() => rmSync(folder, { recursive: true }))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

test('shows a page that is live, and the report of the run', async () => {
  copyFileSync('examples/notebook/thalweg.ipynb', join(folder, 'thalweg.ipynb'))
  const port = await freePort()
  const python = spawn(
    'python3',
    ['-m', 'nbconvert', '--to', 'notebook', '--execute', 'thalweg.ipynb', '--output', 'run.ipynb'],
    {
      cwd: folder,
      env: {
        ...process.env,
        PORT: String(port),
        PYTHONPATH: resolve('python/src'),
        THALWEG: `"${process.execPath}" "${resolve('dist/node/cli/main.js')}"`,
      },
    }
  )
  const said = text(python.stderr)
  const exit = once(python, 'exit') as Promise<[number | null]>
  let live = ''
  while (live === '' && python.exitCode === null) {
    live = await fetch(`http://127.0.0.1:${port}/`).then(
      (response) => response.text(),
      () => ''
    )
    await sleep(50)
  }
  assert.match(live, ' data-live="/events')
  const [code] = await exit
  assert.is(code, 0, await said)

  const { cells } = JSON.parse(readFileSync(join(folder, 'run.ipynb'), 'utf8')) as Notebook
  const shown = cells.flatMap(({ outputs = [] }) =>
    outputs.flatMap(({ data }) => [data?.['text/html'] ?? []].flat().join(''))
  )
  const frames = shown.flatMap((html) => /src="(.*?)"/.exec(html)?.[1] ?? [])
  assert.equal(frames, [`http://127.0.0.1:${port}/`, 'run.html'])
  assert.ok(existsSync(join(folder, 'run.html')))
  const last = readFileSync(join(folder, 'run.ndjson'), 'utf8').trim().split('\n').at(-1)!
  const { run, step, values } = JSON.parse(last)
  assert.equal([run, step, values.end], ['notebook', 300, 'closed'])
})

notebook.run()
