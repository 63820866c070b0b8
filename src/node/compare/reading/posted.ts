import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import type { AnalysedBlock } from '../../../engine/summary.ts'
import { ThalwegError } from '../../../error.ts'
import { storedBlocks } from '../../../pipeline/stored.ts'
import { chunks } from '../../chunks.ts'
import type { Reading } from './runs.ts'

/** Whether the path is the address of a run at a handler or `thalweg server`. */
export const isAddress = (path: string): boolean => /^https?:\/\//.test(path)

/**
 * The newest summaries of a posted run, from its handler.
 *
 * @throws E_INPUT if the address cannot be reached or has no run
 */
export async function* postedBlocks(
  address: string,
  { specs, signal, token }: Reading
): AsyncGenerator<AnalysedBlock> {
  const headers: HeadersInit = token === undefined ? {} : { Authorization: `Bearer ${token}` }
  let response: Response
  try {
    response = await fetch(address, { headers, signal })
  } catch (cause) {
    if (signal.aborted) return
    throw unreachable(address, 'there is no answer', cause)
  }
  if (!response.ok || !response.body) {
    const said = await response.text()
    throw unreachable(address, `the answer is ${response.status} ${said}`.trim())
  }
  const name = `run "${address}"`
  const body = Readable.fromWeb(response.body as ReadableStream)
  yield* storedBlocks(chunks(body, signal, name), specs, name)
}

function unreachable(address: string, why: string, cause?: unknown): ThalwegError {
  return new ThalwegError(
    'E_INPUT',
    `compare: "${address}" cannot be read: ${why}. Give a run's address as posters have it, without "/frames", and --token if it needs one.`,
    { cause }
  )
}
