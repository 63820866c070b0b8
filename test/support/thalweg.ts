import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Starts the command line as users do, in a process of its own with real pipes. */
export function start(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/node/cli/main.ts', ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  child.stdin.on('error', () => {})
  return child
}

export async function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const exit = new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
    child.once('exit', (code, signal) => resolve([code, signal]))
  })
  const [[code, signal], stdout, stderr] = await Promise.all([
    exit,
    child.stdout.destroyed ? '' : text(child.stdout),
    text(child.stderr),
  ])
  return { code, signal, stdout, stderr }
}

/** Runs the command line with this on its standard input. */
export function thalweg(args: readonly string[], input: Uint8Array | string = ''): Promise<Ended> {
  const child = start(args)
  child.stdin.end(input)
  return ended(child)
}

/** The JSON objects of lines. */
export function lines<T = { type: string; values: Record<string, unknown> }>(text: string): T[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as T)
}
