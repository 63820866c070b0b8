import { createWriteStream, fsync } from 'node:fs'
import { stat, truncate } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { ThalwegError } from '../error.ts'

/** Writes text or bytes to a stream. Each write settles when they have left this process. */
export interface Writer {
  /** @throws E_OUTPUT if the data cannot be written, E_PIPE if nobody reads them */
  write(data: string | Uint8Array): Promise<void>
  /** Number of bytes in the file, flushed to the disk. Only present for a file. */
  length?(): Promise<number>
  close(): Promise<void>
}

/**
 * Opens standard output for `-`, else a file.
 *
 * @param kept number of bytes of the file to keep; without it the file is emptied
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

/** Cuts a file to a length. If it is shorter, the data from which to continue are lost. */
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
 * Makes a writer for a stream, which it never closes.
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

/** Our error for a failed write: E_PIPE if nobody reads any more, else E_OUTPUT. */
export function outputError(cause: NodeJS.ErrnoException, name: string): ThalwegError {
  return cause.code === 'EPIPE'
    ? new ThalwegError('E_PIPE', `${name}: nobody reads it any more`, { cause })
    : new ThalwegError('E_OUTPUT', `${name} cannot be written: ${cause.message}.`, { cause })
}
