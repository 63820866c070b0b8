import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundledCommandLine } from '../../support/bundled.ts'
import { walk } from '../../support/stream.ts'
import { ended, lines, says, start } from '../../support/thalweg.ts'

const memory = suite('memory of thalweg run')

let program: string
memory.before(async () => {
  program = await bundledCommandLine()
})
memory.after(() => rmSync(program, { recursive: true }))

const MiB = 2 ** 20

/** Peak resident bytes of a process so far. */
function peakBytes(pid: number): number {
  const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmHWM:\s+(\d+) kB/)!
  return Number(kilobytes) * 1024
}

if (existsSync('/proc/self/status')) {
  memory('stays bounded while nobody reads its output, and the trainer has to wait', async () => {
    const rows = 100_000
    const args = [
      'run',
      'pipelines/default.json',
      '--set',
      'stages=[]',
      '--set',
      'block=1',
      '--set',
      'emit.every=1',
    ]
    const child = start(args, {}, [join(program, 'main.js')])
    child.stdout.pause()
    let written = 0
    const feeding = (async () => {
      for (const each of walk({ steps: 1500, rows })) {
        await new Promise<void>((resolve) => child.stdin.write(each, () => resolve()))
        written += each.length
      }
      child.stdin.end()
    })()
    await says(child, 'stderr', /frames\/s/)
    for (let before = -1; before < written; ) {
      before = written
      await wait(1000)
      assert.is(child.exitCode, null)
    }
    const atStall = written
    assert.ok(atStall > 2 * MiB && atStall < 200 * MiB, `${atStall} bytes were taken`)
    const result = ended(child)
    child.stdout.resume()
    await feeding
    const peak = peakBytes(child.pid!)
    const { code, stdout } = await result
    assert.is(code, 0)
    const { values } = lines<{ values: { memory: number; steps: number } }>(stdout).at(-1)!
    assert.is(values.steps, 1500)
    const bound = values.memory + 2 * 64 * MiB + 150 * MiB
    assert.ok(peak < bound, `peak ${peak} of ${bound}`)
  })
}

memory.run()
