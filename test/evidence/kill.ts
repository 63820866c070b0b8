// Kills runs of the command line at random moments, by one signal after the other, resumes each until it ends, and compares
// all that it wrote with an uninterrupted run's, to the byte, `environment` aside. Of the signals some let it drain, some
// come twice, and some leave it no time.
//
//   node --import tsx test/evidence/kill.ts [kills] [stream] [pipeline]
//
// Without a stream: 1,600 steps of two members, and a pipeline with a checkpoint every two blocks.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { bundledCommandLine } from '../support/bundled.ts'
import { stream } from '../support/stream.ts'
import { type Ended, ended } from '../support/thalweg.ts'

const signals: readonly (readonly NodeJS.Signals[])[] = [
  ['SIGKILL'],
  ['SIGTERM'],
  ['SIGINT'],
  ['SIGHUP'],
  ['SIGQUIT'],
  ['SIGABRT'],
  ['SIGSEGV'],
  ['SIGTERM', 'SIGTERM'],
  ['SIGINT', 'SIGHUP'],
  ['SIGSTOP', 'SIGCONT', 'SIGKILL'],
]

const [kills = '50', file, pipelineFile] = process.argv.slice(2)
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const program = join(await bundledCommandLine(), 'main.js')
const input = file ?? join(folder, 'stream.msgpack')
if (file === undefined) writeFileSync(input, stream({ steps: 1600, rows: 4000, members: 2 }))
const base = pipelineFile
  ? JSON.parse(readFileSync(pipelineFile, 'utf8'))
  : {
      block: 8,
      stages: [{ type: 'svd', rank: 4 }, { type: 'cmd', modes: 3, warmup: 8 }, { type: 'ftle' }],
    }

const began = performance.now()
const whole = pipeline('whole')
await finished(start(whole.args))
const milliseconds = performance.now() - began
const expected = linesOf(whole.output)
console.log(`uninterrupted: ${expected.length} lines in ${milliseconds.toFixed(0)} ms`)

let killed = 0
let resumed = 0
let drained = 0
const moments = random()
for (let round = 1; killed < Number(kills); round++) {
  const { args, output, state } = pipeline(`round-${round}`)
  for (let more: string[] = []; ; more = ['--resume']) {
    const child = start([...args, ...more])
    const result = ended(child)
    const own = signals[killed % signals.length]!
    const stop = new AbortController()
    const moment = wait(moments() * milliseconds, undefined, { signal: stop.signal }).then(
      async () => {
        for (const signal of own) {
          child.kill(signal)
          await wait(5)
        }
      },
      () => {}
    )
    const { code, signal, stderr } = await result
    stop.abort()
    await moment
    const isDrained = [129, 130, 143].includes(code ?? 0)
    if (signal !== null || isDrained) {
      killed++
      if (isDrained) drained++
      if (existsSync(state)) resumed++
    } else if (code === 0) break
    else throw new Error(stderr)
  }
  const lines = linesOf(output)
  const same = lines.length === expected.length && lines.every((line, i) => line === expected[i])
  if (!same) throw new Error(`round ${round}: the lines differ after ${killed} kills`)
  const left = readdirSync(folder).filter((name) => /\.(partial|lock)$/.test(name))
  if (left.length > 0) throw new Error(`round ${round} has left ${left.join(', ')}`)
  rmSync(state)
  rmSync(output)
}
console.log(
  `killed ${killed} times by ${signals.map((own) => own.join(' and ')).join(', ')}; ${drained} runs drained, ` +
    `${resumed} had a checkpoint to go on from: all lines equal`
)
rmSync(folder, { recursive: true })

function start(args: readonly string[]) {
  return spawn(process.execPath, [program, ...args])
}

/** Moments as shares of a run, the same for the same seed. */
function random(): () => number {
  let state = 1
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function pipeline(name: string) {
  const output = join(folder, `${name}.ndjson`)
  const state = join(folder, `${name}.state`)
  const own = join(folder, `${name}.json`)
  const sinks = [{ type: 'ndjson', path: output }]
  const { source: _, ...json } = base
  writeFileSync(own, JSON.stringify({ ...json, checkpoint: { path: state, every: 2 }, sinks }))
  return { output, state, args: ['run', own, '--input', input, '--quiet'] }
}

async function finished(child: ReturnType<typeof start>): Promise<Ended> {
  const result = await ended(child)
  if (result.code !== 0) throw new Error(result.stderr)
  return result
}

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8')
    .replace(/,"environment":\{[^}]*\}/g, '')
    .split('\n')
}
