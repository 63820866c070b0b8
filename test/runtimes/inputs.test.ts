import { execFile } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundledCommandLine } from '../support/bundled.ts'
import { recording } from './programs.ts'
import { here, runtimes } from './runtimes.ts'

const inputs = suite('pipes as input, anywhere')

let program: string
inputs.before(async () => {
  program = await bundledCommandLine()
})
inputs.after(() => rmSync(program, { recursive: true }))

/** How bash gives the recording to the command line, the first of the arguments. */
const ways = {
  'a file': '"$@" --input "$stream"',
  'standard input': 'cat "$stream" | "$@"',
  'a named pipe': '"$@" --input <(cat "$stream")',
}

/** What a runtime says of the recording, but for the facts of the run. */
async function said([path, ...options]: readonly string[], way: string): Promise<string> {
  const run = [join(program, 'main.js'), 'run', 'pipelines/layers.json', '--quiet']
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-c', way, 'bash', path!, ...options, ...run],
    { env: { ...process.env, stream: recording } }
  )
  return stdout.replace(/,"environment":\{[^}]*\}/, '')
}

let expected: string
for (const { name, missing, start } of [here, ...runtimes]) {
  if (!start) continue
  const test = missing ? inputs.skip : inputs
  test(missing ? `${name} (skipped: ${missing})` : `${name}: the bytes of a file`, async () => {
    expected ??= await said(start, ways['a file'])
    assert.match(expected, '"end":"closed"')
    for (const [from, way] of Object.entries(ways))
      assert.is(await said(start, way), expected, from)
  })
}

inputs.run()
