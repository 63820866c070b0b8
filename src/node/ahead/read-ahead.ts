import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import type { Assignment } from './pipe-thread.ts'
import { ByteRing } from './ring.ts'

const entry = new URL('pipe-thread.js', import.meta.url)

// The thread needs none of the modules that the process was told to load first, and holds few objects.
const lean = { execArgv: [], env: {}, resourceLimits: { maxYoungGenerationSizeMb: 1 } }

/**
 * Whether the thread can be started. Its file is there in the compiled package, but not in every bundle. A process may not be
 * permitted to start threads.
 */
export function canReadAhead(): boolean {
  return existsSync(entry) && (process.permission?.has('worker') ?? true)
}

/**
 * Reads a pipe or a socket in a thread, so that it is read while this thread computes. A chunk is valid until the next but one is
 * requested.
 */
export function readAhead(fd: number): Readable {
  const ring = new ByteRing()
  const workerData: Assignment = { fd, buffer: ring.buffer }
  const thread = new Worker(entry, { workerData, ...lean })
  let failure: Error | undefined
  thread.on('error', (error: Error) => {
    failure = error
  })
  thread.on('exit', () => ring.end())
  const readable = new Readable({
    // At most one chunk waits while the one before it is in use.
    highWaterMark: 1,
    async read() {
      const bytes = await ring.take()
      if (bytes === undefined && failure) readable.destroy(failure)
      else readable.push(bytes ?? null)
    },
    destroy(error, done) {
      thread.terminate().then(() => done(error))
    },
  })
  return readable
}
