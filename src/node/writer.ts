import { createWriteStream, fsync } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { ThalwegError } from '../error.ts'

/** Text or bytes going to a stream; each write settles when they are out of this process. */
export interface Writer {
  /** @throws E_OUTPUT when the data cannot be written, E_PIPE when nobody reads them */
  write(data: string | Uint8Array): Promise<void>
  /** Bytes in the file, flushed to the disk; where it is a file. */
  length?(): Promise<number>
  close(): Promise<void>
}

/**
 * Writes to standard output for `-`, else to a file.
 *
 * @param kept bytes of the file that stay; without it the file is emptied
 *
 * @example
 * ```ts
 * const writer = await openWriter('run.ndjson')
 * await writer.write(`${summaryLine(summary)}\n`)
 * await writer.close()
 * ```
 */
export async function openWriter(path: string, kept = 0): Promise<Writer> {
  if (path === '-') return streamWriter(process.stdout, 'stdout')
  const name = `file "${path}"`
  if (kept > 0) await cut(path, name, kept)
  const stream = createWriteStream(path, kept > 0 ? { flags: 'r+', start: kept } : {})
  const fd = await new Promise<number>((resolve, reject) => {
    stream.once('open', resolve)
    stream.on('error', (error) => reject(outputError(error, name)))
  })
  const settled = (act: (done: (error?: Error | null) => void) => void) =>
    new Promise<void>((resolve, reject) => {
      act((error) => (error ? reject(outputError(error, name)) : resolve()))
    })
  return {
    ...streamWriter(stream, name),
    async length() {
      await settled((done) => fsync(fd, done))
      return kept + stream.bytesWritten
    },
    close: () => settled((done) => stream.end(done)),
  }
}

/** Cuts a file off; one that is shorter has lost what it is to go on from. */
async function cut(path: string, name: string, kept: number): Promise<void> {
  const there = await stat(path).catch(() => ({ size: 0 }))
  if (there.size < kept) {
    throw new ThalwegError(
      'E_OUTPUT',
      `${name} has ${there.size} bytes, but had ${kept} when the run was saved. Restore the file, or start a new run.`
    )
  }
  await truncate(path, kept).catch((error) => {
    throw outputError(error, name)
  })
}

/**
 * Writes to a stream and never closes it.
 *
 * @example
 * ```ts
 * await streamWriter(process.stderr, 'stderr').write('the run has ended\n')
 * ```
 */
export function streamWriter(stream: Writable, name: string): Writer {
  const write = (data: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      stream.write(data, (error) => (error ? reject(outputError(error, name)) : resolve()))
    })
  return { write, close: async () => {} }
}

/** What a failed write is to us: E_PIPE where nobody reads any more, else E_OUTPUT. */
export function outputError(cause: NodeJS.ErrnoException, name: string): ThalwegError {
  return cause.code === 'EPIPE'
    ? new ThalwegError('E_PIPE', `${name}: nobody reads it any more`, { cause })
    : new ThalwegError('E_OUTPUT', `${name} cannot be written: ${cause.message}.`, { cause })
}
