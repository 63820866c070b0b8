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

/** Pipes each command into the next and stores what the last one prints; leaves a file that is there as it is. */
export async function store(path: string, ...commands: Command[]): Promise<void> {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  const started = performance.now()
  const part = `${path}.part`
  const running = commands.map(([program, ...args]) =>
    spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  )
  const ends = running.map((own) => once(own, 'close'))
  const pipes = running.map(({ stdout }, i) =>
    pipeline(stdout, running[i + 1]?.stdin ?? createWriteStream(part))
  )
  running[0]!.stdin.end()
  await Promise.all(pipes)
  const codes = await Promise.all(ends)
  const failed = codes.findIndex(([code]) => code !== 0)
  if (failed >= 0) throw new Error(`${path}: ${commands[failed]!.join(' ')} failed.`)
  renameSync(part, path)
  const seconds = (performance.now() - started) / 1000
  process.stderr.write(`${path}: ${seconds.toFixed(0)} s\n`)
}
