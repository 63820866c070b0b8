import { close, closeSync, constants, open, openSync } from 'node:fs'
import { type OnReadOpts, Socket, type SocketConstructorOpts } from 'node:net'
import { Readable } from 'node:stream'

/** Capacity of a pipe. More bytes never come at once. */
const pipeBytes = 1 << 16

/** Inputs that cannot be read again. Whoever ends a run decides what happens to processes that still write to them. */
const inputs = new Set<Readable>()

/** Adds an input to those that are drained and closed at the end. */
export function kept(input: Readable): Readable {
  inputs.add(input)
  input.once('close', () => inputs.delete(input))
  return input
}

/**
 * Reads a pipe or a socket into two buffers in turn. A chunk is valid until the next but one is requested. Allocating each chunk,
 * as `process.stdin` does, takes a tenth of a run's time and 30 MB.
 */
export function readPipe(fd: number): Readable {
  const [one, other] = [new Uint8Array(pipeBytes), new Uint8Array(pipeBytes)]
  let next = one
  const options: SocketConstructorOpts & { onread: OnReadOpts } = {
    fd,
    readable: true,
    writable: false,
    onread: {
      buffer() {
        next = next === one ? other : one
        return next
      },
      callback(bytes, buffer) {
        readable.push(buffer.subarray(0, bytes))
        return false
      },
    },
  }
  const socket = new Socket(options)
  const readable = new Readable({
    // At most one chunk waits while the one before it is in use.
    highWaterMark: 1,
    read: () => void socket.resume(),
    destroy(error, done) {
      socket.destroy()
      done(error)
    },
  })
  socket.on('end', () => readable.push(null))
  socket.on('error', (error) => readable.destroy(error))
  return kept(readable)
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
