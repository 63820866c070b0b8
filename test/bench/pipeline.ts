// The default pipeline as a process that reads a pipe, against what its kernels take and one copy of the bytes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { plainCopy } from './ceilings.ts'
import { writeStream } from './streams.ts'
import { table, takeTurns } from './timing.ts'

const rows = 1 << 18
/** A short run, in which starting counts for more, and a long one. */
const lengths = [256, 1024]
const clock = ['--import', 'tsx', '--import', join(import.meta.dirname, 'kernel-clock.ts')]
const program = [resolve('dist/node/cli/main.js'), 'run', '--quiet']
const drain = ['-e', "process.stdin.on('data', () => {})"]

interface Clocked {
  readonly seconds: number
  /** By kernel. */
  readonly kernels: Readonly<Record<string, number>>
}

/** For one member and for two, in a short run and in a long one: the ratio, and the kernels. */
export function pipelineTables(rounds: number): string {
  return lengths
    .flatMap((steps) => [1, 2].map((members) => pipelineTable(steps, members, rounds)))
    .join('\n\n')
}

function pipelineTable(steps: number, members: number, rounds: number): string {
  const directory = mkdtempSync(join(tmpdir(), 'thalweg-bench-'))
  const path = join(directory, 'stream')
  try {
    const bytes = writeStream(path, rows, steps, members)
    const copy = plainCopy()
    const runs: Clocked[] = []
    const times = takeTurns(
      [
        { name: 'copy', run: copy.run },
        { name: 'pipe', run: () => void piped(path, drain) },
        { name: 'run', run: () => void runs.push(clocked(path)) },
      ],
      rounds
    )
    // The median process. The whole and its kernels are of one process, so that they meet the same other work.
    const run = runs.toSorted((a, b) => a.seconds - b.seconds)[runs.length >> 1]!
    const kernels = sum(run.kernels)
    const copied = (bytes * times.get('copy')!) / (copy.work / 2)
    const line = (name: string, seconds: number): string[] => [
      name,
      seconds.toFixed(2),
      ((seconds * 1e9) / (rows * steps * members)).toFixed(2),
      (seconds / (kernels + copied)).toFixed(3),
    ]
    return [
      `${rows} weights, ${members} ${members === 1 ? 'member' : 'members'}, ${steps} steps, ${(bytes / 1e6).toFixed(0)} MB`,
      table([
        ['', 's', 'ns per weight and delta', 'of kernels and copy'],
        line('the default pipeline', run.seconds),
        line('its kernels', kernels),
        line('one copy of the bytes', copied),
        line('a process that reads the pipe and drops it', times.get('pipe')!),
      ]),
      '',
      table([
        ['kernel', 's', 'of them'],
        ...Object.entries(run.kernels)
          .sort(([, a], [, b]) => b - a)
          .slice(0, 8)
          .map(([name, s]) => [name, s.toFixed(2), `${((100 * s) / kernels).toFixed(0)} %`]),
      ]),
    ].join('\n')
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function piped(path: string, program: readonly string[]) {
  const done = spawnSync('sh', ['-c', 'cat "$0" | "$@"', path, process.execPath, ...program], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (done.status !== 0) throw new Error(`the pipeline failed: ${done.stderr}`)
  return done
}

/** From the first byte to the last summary. */
function secondsOf(stdout: string): number {
  return JSON.parse(stdout.trimEnd().split('\n').at(-1)!).environment.wallSeconds
}

function clocked(path: string): Clocked {
  const { stdout, stderr } = piped(path, [...clock, ...program])
  const milliseconds = JSON.parse(stderr.trimEnd().split('\n').at(-1)!) as Record<string, number>
  const kernels = Object.fromEntries(Object.entries(milliseconds).map(([n, ms]) => [n, ms / 1000]))
  return { seconds: secondsOf(stdout), kernels }
}

const sum = (values: Readonly<Record<string, number>>): number =>
  Object.values(values).reduce((a, b) => a + b, 0)
