// What the tap costs a trainer: each delta against a copy and a write of as many bytes to a pipe that is drained, and against the
// training that it follows. Both come after a step, which leaves neither's data in the caches.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { table } from './timing.ts'

/** What tap-worker.ts measures: milliseconds of each round. */
export interface TapTimes {
  readonly backend: string
  /** Of a delta's values. */
  readonly bytes: number
  /** As many steps as one delta spans, without the tap. */
  readonly alone: number[]
  /** Reading the weights, subtracting, encoding and writing. */
  readonly delta: number[]
  /** The same bytes copied and written. */
  readonly plain: number[]
}

const trainings = [
  { recipe: 'mnist-lenet', every: 1 },
  { recipe: 'mnist-mlp', every: 10 },
]

/** The table of both trainings. */
export async function tapTable(rounds: number): Promise<string> {
  const lines = [
    ['', 'backend', 'kB', 'delta, ms', 'copy and write, ms', 'ratio', 'steps, ms', 'of them'],
  ]
  for (const { recipe, every } of trainings) {
    const times = await measured([recipe, every, rounds].map(String))
    const [delta, plain, alone] = [times.delta, times.plain, times.alone].map((all) =>
      Math.min(...all)
    ) as [number, number, number]
    lines.push([
      `${recipe}, every: ${every}`,
      times.backend,
      (times.bytes / 1000).toFixed(0),
      delta.toFixed(2),
      plain.toFixed(2),
      (delta / plain).toFixed(1),
      alone.toFixed(1),
      `${((100 * delta) / alone).toFixed(1)} %`,
    ])
  }
  return table(lines)
}

/** Runs the worker with a pipe for its stdout: a child's own `pipe` is a socket. */
async function measured(args: readonly string[]): Promise<TapTimes> {
  const worker = ['--import', 'tsx', `${import.meta.dirname}/tap-worker.ts`, ...args]
  const child = spawn('sh', ['-c', '"$0" "$@" | cat > /dev/null', process.execPath, ...worker], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const said = await text(child.stderr)
  const last = said.trimEnd().split('\n').at(-1)!
  if (!last.startsWith('{')) throw new Error(`tap-worker.ts ended early:\n${said}`)
  return JSON.parse(last)
}
