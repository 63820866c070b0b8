import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { expectSchemas } from './summaries.ts'

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** The command line of the source. */
const source = ['--import', 'tsx', 'src/node/cli/main.ts']

/** Starts the command line as users do, in a process of its own with real pipes. */
export function start(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  program: readonly string[] = source
) {
  const child = spawn(process.execPath, [...program, ...args], {
    env: { ...process.env, NO_COLOR: '1', ...env },
  })
  child.stdin.on('error', () => {})
  return child
}

/** Waits for what it says; fails with what it said if it ends first. */
export function says(
  child: ChildProcessWithoutNullStreams,
  stream: 'stdout' | 'stderr',
  pattern: RegExp
): Promise<string> {
  let text = ''
  return new Promise((resolve, reject) => {
    child[stream].on('data', (chunk: Buffer) => {
      text += chunk
      if (pattern.test(text)) resolve(text)
    })
    child.once('close', () => reject(new Error(`it ended before saying ${pattern}: ${text}`)))
  })
}

/** Waits for its end. */
export function ended(child: ChildProcessWithoutNullStreams): Promise<Ended> {
  const chunks = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  child.stdout.on('data', (chunk: Buffer) => chunks.stdout.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.stderr.push(chunk))
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      const stdout = Buffer.concat(chunks.stdout).toString()
      const stderr = Buffer.concat(chunks.stderr).toString()
      resolve({ code, signal, stdout, stderr })
    })
  })
}

/** Runs the command line with this on its standard input. */
export function thalweg(args: readonly string[], input: Uint8Array | string = ''): Promise<Ended> {
  const child = start(args)
  child.stdin.end(input)
  return ended(child)
}

/** The JSON objects of lines; summaries must be as their schema says. */
export function lines<T = { type: string; values: Record<string, unknown> }>(text: string): T[] {
  const all = text.split('\n').filter((line) => line !== '')
  expectSchemas(all)
  return all.map((line) => JSON.parse(line) as T)
}
