// The notebook, in a real Jupyter kernel. That its page is live while it trains is tested in python/tests/test_processes.py.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'

interface Notebook {
  readonly cells: readonly {
    readonly outputs?: readonly {
      readonly data?: Readonly<Record<'text/html' | 'text/plain', string[] | string | undefined>>
    }[]
  }[]
}

const needed = 'import ipykernel, msgpack, nbconvert, torch'
const missing = spawnSync('python3', ['-c', needed]).status !== 0
if (missing) console.log('  (skipped: python3 with ipykernel, nbconvert and torch is not here)')

const notebook = suite('examples/notebook')
const test = missing ? notebook.skip : notebook
const folder = mkdtempSync(resolve('test', 'tmp-'))
notebook.after(() => rmSync(folder, { recursive: true }))

test('shows the run live, and in the end its report', () => {
  copyFileSync('examples/notebook/thalweg.ipynb', join(folder, 'thalweg.ipynb'))
  const { status, stderr } = spawnSync(
    'python3',
    ['-m', 'nbconvert', '--to', 'notebook', '--execute', 'thalweg.ipynb', '--output', 'run.ipynb'],
    {
      cwd: folder,
      encoding: 'utf8',
      env: {
        ...process.env,
        PYTHONPATH: resolve('python/src'),
        THALWEG: `"${process.execPath}" "${resolve('dist/node/cli/main.js')}"`,
      },
    }
  )
  assert.is(status, 0, stderr)

  const { cells } = JSON.parse(readFileSync(join(folder, 'run.ipynb'), 'utf8')) as Notebook
  const shown = (type: 'text/html' | 'text/plain') =>
    cells.flatMap(({ outputs = [] }) =>
      outputs.flatMap(({ data }) =>
        data?.[type] === undefined ? [] : [[data[type]].flat().join('')]
      )
    )
  const frames = shown('text/html')
  assert.is(frames.length, 1)
  assert.match(frames[0]!, /<iframe title="Report of the run".* srcdoc="&lt;!doctype html&gt;/i)
  assert.match(frames[0]!, 'notebook')
  assert.match(shown('text/plain').at(-1)!, "'svd/captured': 0.")
})

notebook.run()
