import { close, closeSync, constants, open, openSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { canReadAhead, readAhead } from './ahead/read-ahead.ts'

/** Inputs that cannot be read again. Whoever ends a run decides what happens to processes that still write to them. */
const inputs = new Set<Readable>()

/** Adds an input to those that are drained and closed at the end. */
export function kept(input: Readable): Readable {
  inputs.add(input)
  input.once('close', () => inputs.delete(input))
  return input
}

/**
 * Whether pipes are read by their descriptor. Bun cannot read into a given buffer. Deno cannot open a named pipe in this way, and after its
 * threads have closed a descriptor, files that get the same one cannot be written.
 */
export const hasDescriptors =
  process.versions.bun === undefined && process.versions.deno === undefined

/** Reads a pipe or a socket, ahead if possible. A chunk is valid until the next but one is requested. */
export function readPipe(fd: number): Readable {
  return kept(canReadAhead() ? readAhead(fd) : new Socket({ fd, readable: true, writable: false }))
}

/** Opens a named pipe. This waits until somebody opens it for writing. Undefined if the signal aborts. */
export function openPipe(path: string, signal: AbortSignal): Promise<Readable | undefined> {
  return new Promise((resolve, reject) => {
    // Briefly opening the pipe for writing makes the waiting call return.
    const giveUp = () => closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK))
    open(path, 'r', (error, fd) => {
      signal.removeEventListener('abort', giveUp)
      if (error) reject(error)
      else if (signal.aborted) close(fd, () => resolve(undefined))
      else resolve(readPipe(fd))
    })
    signal.addEventListener('abort', giveUp)
  })
}

/**
 * Reads the remaining input and discards it, so that a trainer does not die because of our error. Ends when the input ends, the
 * signal aborts, or nothing comes for this long.
 *
 * @param idleMs 0 means wait forever
 */
export async function drainInputs(signal: AbortSignal, idleMs: number): Promise<void> {
  await Promise.all([...inputs].map((input) => drained(input, signal, idleMs)))
}

/** Closes all inputs. */
export function closeInputs(): void {
  for (const input of inputs) input.destroy()
}

function drained(input: Readable, signal: AbortSignal, idleMs: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer)
      resolve()
    }
    const timer = idleMs > 0 ? setTimeout(done, idleMs) : undefined
    input.on('data', () => timer?.refresh())
    for (const event of ['close', 'end', 'error']) input.on(event, done)
    signal.addEventListener('abort', done)
    if (signal.aborted || input.readableEnded || input.destroyed) done()
  })
}
