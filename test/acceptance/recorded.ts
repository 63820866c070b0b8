import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { from } from 'rxjs'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { StageValue } from '../../src/stage/define.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'

/** One thread, so that the numbers do not depend on how many cores there are. */
const env = {
  ...process.env,
  OMP_NUM_THREADS: '1',
  OPENBLAS_NUM_THREADS: '1',
  PYTHONPATH: 'python/src',
}

const modules = ['msgpack', 'numpy', 'scipy', 'torch']

/** Whether there is a Python that can train and compute references. */
export const hasPython = spawnSync('python3', ['-c', `import ${modules}`]).status === 0

/** A folder of recordings that is removed with the process. */
export function recordings(): string {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Trains the MNIST example with these options and keeps its stream. */
export function recordTraining(path: string, options: readonly string[]): void {
  const file = openSync(path, 'w')
  execFileSync('python3', ['examples/python/mnist_torch.py', ...options], {
    stdio: ['ignore', file, 'ignore'],
    env,
  })
  closeSync(file)
}

/** What test/golden/reference.py prints. */
export async function reference<T>(...args: (string | number)[]): Promise<T> {
  const script = ['test/golden/reference.py', ...args.map(String)]
  const { stdout } = await promisify(execFile)('python3', script, { maxBuffer: 2 ** 28, env })
  return JSON.parse(stdout) as T
}

/** The last figures of each stage, by its id. */
export function analyseFile(
  path: string,
  options: AnalyseOptions,
  ...stages: StageValue[]
): ReadonlyMap<string, unknown> {
  const last = new Map<string, unknown>()
  let failure: unknown
  from(frames(readFileSync(path)))
    .pipe(analyse(options, ...stages))
    .subscribe({
      next: ({ summaries }) => {
        for (const { stage, values } of summaries) last.set(stage, values)
      },
      error: (error) => {
        failure = error
      },
    })
  if (failure !== undefined) throw failure
  return last
}

function* frames(bytes: Uint8Array): Generator<Frame> {
  const reader = new FrameReader()
  reader.push(bytes)
  for (let frame = reader.next(); frame; frame = reader.next()) yield frame
}
