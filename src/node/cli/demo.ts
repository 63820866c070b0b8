import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { exitCodes, ThalwegError } from '../../error.ts'
import { integer, string } from '../../spec/fields.ts'
import { amount, megabytes } from '../../stage/words.ts'
import { defineCommand } from './command.ts'
import { listen } from './stop.ts'

/** Exit code of a training that was asked to stop. */
const stopped = 143

const learningRate = '0.3'
/** Initial distance of the twins in each weight: as small as f32 resolves well, and a hundred times as large. */
const [epsilon, ratio] = ['3e-7', '100']
const training = [
  ...['--learning-rate', learningRate],
  ...['--members', '3', '--epsilon', epsilon, '--ratio', ratio],
]

export const demo = defineCommand({
  name: 'demo',
  summary: 'Trains a small network with two perturbed twins and shows how it moves.',
  options: {
    out: string({
      description: 'folder for the stream and the summaries',
      unit: 'folder',
      default: 'thalweg-demo',
    }),
    steps: integer({ description: 'steps to train', unit: 'steps', min: 50, default: 300 }),
  },
  examples: ['thalweg demo', 'thalweg demo --out demo --steps 1000'],
  async run({ out, steps }) {
    makeFolder(out)
    const recording = join(out, 'stream.msgpack')
    const summaries = join(out, 'summaries.ndjson')
    const sinks = [{ type: 'ndjson', path: summaries }, { type: 'table' }]
    const train = start(['train', 'mnist-mlp', '--steps', String(steps), ...training])
    const children = [train]
    const ends = [once(train, 'exit')] as Promise<[number | null]>[]
    const release = forwardSignals(children)
    await once(train.stdout!, 'readable')
    if (train.stdout!.readableLength === 0) {
      const [code] = await ends[0]!
      return release() ?? code ?? exitCodes.E_RUN // it has already said why there is no stream
    }
    const sizes = [Number(epsilon), Number(epsilon) * Number(ratio)].map((size) => amount(size, 1))
    process.stderr.write(
      `Training mnist-mlp for ${steps} steps at learning rate ${learningRate}, with twins whose weights start ${sizes.join(' and ')} away.\n`
    )
    const run = start(['run', 'default', '--set', `sinks=${JSON.stringify(sinks)}`])
    children.push(run)
    ends.push(once(run, 'exit') as Promise<[number | null]>)
    const record = createWriteStream(recording)
    // If the analysis or the disk fails, the rest of the training is useless.
    const stopTraining = () => train.kill('SIGTERM')
    run.stdin!.on('error', stopTraining)
    record.on('error', stopTraining)
    train.stdout!.pipe(run.stdin!)
    train.stdout!.pipe(record)
    try {
      const [[trained], [analysed]] = (await Promise.all(ends)) as [
        [number | null],
        [number | null],
      ]
      await finished(record).catch((cause: Error) => {
        throw new ThalwegError(
          'E_OUTPUT',
          `file "${recording}" cannot be written: ${cause.message}.`,
          { cause }
        )
      })
      const failed = [trained, analysed].find((code) => code !== 0 && code !== stopped)
      if (analysed === 0) {
        const stream = recording.padEnd(summaries.length)
        process.stderr.write(`
  ${stream}  the stream, ${megabytes(statSync(recording).size)}
  ${summaries}  the summaries, one a line

Next, try: thalweg run layers --input ${recording}
`)
      }
      return release() ?? failed ?? 0
    } finally {
      release()
    }
  },
})

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true })
  } catch (cause) {
    throw new ThalwegError(
      'E_OUTPUT',
      `folder "${folder}" cannot be made: ${(cause as Error).message}.`,
      { cause }
    )
  }
}

/** Starts another of our commands in its own process group, so that it gets the terminal's signals only from `forwardSignals`. */
function start(args: readonly string[]): ChildProcess {
  const main = process.argv[1]!
  return spawn(process.execPath, [...process.execArgv, main, ...args], {
    stdio: [
      args[0] === 'run' ? 'pipe' : 'ignore',
      args[0] === 'run' ? 'inherit' : 'pipe',
      'inherit',
    ],
    detached: true,
  })
}

/**
 * The first signal ends the training, which is the first child. The stream then ends, and so does the analysis, which still
 * prints its table. The second signal ends everything at once.
 *
 * @returns a function that stops listening, and returns the exit code if a signal came
 */
function forwardSignals(children: readonly ChildProcess[]): () => number | undefined {
  let exitCode: number | undefined
  const release = listen((signal, code) => {
    if (exitCode === undefined) children[0]!.kill(signal)
    else for (const child of children) child.kill('SIGKILL')
    exitCode = code
  })
  return () => {
    release()
    return exitCode
  }
}
