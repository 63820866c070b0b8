import { createWriteStream } from 'node:fs'
import type { Writable } from 'node:stream'
import { ThalwegError } from '../error.ts'

/** Text or bytes going to a stream; each write settles when they are out of this process. */
export interface Writer {
  /** @throws E_OUTPUT when the data cannot be written, E_PIPE when nobody reads them */
  write(data: string | Uint8Array): Promise<void>
  close(): Promise<void>
}

/** Writes to standard output for `-`, else to a file, which is emptied first. */
export async function openWriter(path: string): Promise<Writer> {
  if (path === '-') return streamWriter(process.stdout, 'stdout')
  const name = `file "${path}"`
  const stream = createWriteStream(path)
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve())
    stream.on('error', (error) => reject(outputError(error, name)))
  })
  const close = () =>
    new Promise<void>((resolve, reject) => {
      stream.end((error?: Error | null) => (error ? reject(outputError(error, name)) : resolve()))
    })
  return { ...streamWriter(stream, name), close }
}

/** Writes to a stream that is not ours to close. */
export function streamWriter(stream: Writable, name: string): Writer {
  const write = (data: string | Uint8Array) =>
    new Promise<void>((resolve, reject) => {
      stream.write(data, (error) => (error ? reject(outputError(error, name)) : resolve()))
    })
  return { write, close: async () => {} }
}

function outputError(cause: NodeJS.ErrnoException, name: string): ThalwegError {
  return cause.code === 'EPIPE'
    ? new ThalwegError('E_PIPE', `${name}: nobody reads it any more`, { cause })
    : new ThalwegError('E_OUTPUT', `${name} cannot be written: ${cause.message}.`, { cause })
}
