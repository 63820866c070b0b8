import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'

const main = fileURLToPath(new URL('../../dist/node/cli/main.js', import.meta.url))

/** Runs the command line and gives what it prints. */
export function thalweg(args: readonly string[], input?: Uint8Array): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, [main, ...args], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    ...(input ? { input } : {}),
  })
  if (status !== 0) throw new Error(stderr)
  return stdout
}

/** A command line; the product's own is `own(...)`. */
export type Command = readonly [program: string, ...args: string[]]

export const own = (...args: string[]): Command => [process.execPath, main, ...args]

/** Analyses what a producer writes and stores the summaries in a file; leaves a file that is there as it is. */
export async function store(path: string, producer: Command, analysis: Command): Promise<void> {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  const started = performance.now()
  const part = `${path}.part`
  const [[from, ...given], [to, ...told]] = [producer, analysis]
  const source = spawn(from, given, { stdio: ['ignore', 'pipe', 'inherit'] })
  const sink = spawn(to, told, { stdio: ['pipe', 'pipe', 'inherit'] })
  const ends = [once(source, 'close'), once(sink, 'close')]
  await Promise.all([
    pipeline(source.stdout, sink.stdin),
    pipeline(sink.stdout, createWriteStream(part)),
  ])
  const codes = await Promise.all(ends)
  if (codes.some(([code]) => code !== 0)) throw new Error(`${path}: ${given.join(' ')} failed.`)
  renameSync(part, path)
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(`${path}: ${seconds.toFixed(0)} s\n`)
}
