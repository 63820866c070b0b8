import { ThalwegError } from '../error.ts'

/** Largest line in bytes. Summaries of the largest runs are far smaller. */
const mostBytes = 1 << 26

export interface Line {
  readonly text: string
  /** Counted from 1. */
  readonly number: number
  /** False for a last line that does not end with a line break. */
  readonly whole: boolean
}

/**
 * Splits UTF-8 that comes in chunks of any size into lines.
 *
 * @throws E_LIMIT for a line of more than 64 MiB
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array>,
  name: string
): AsyncGenerator<Line> {
  let parts: Uint8Array[] = []
  let bytes = 0
  let number = 1
  const take = (whole: boolean): Line => {
    const decoder = new TextDecoder()
    const text = parts.map((part) => decoder.decode(part, { stream: true })).join('')
    parts = []
    bytes = 0
    return { text: text + decoder.decode(), number: number++, whole }
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      parts.push(chunk.subarray(from, end))
      yield take(true)
      from = end + 1
    }
    if (from === chunk.length) continue
    // A copy, because the chunk's memory may be reused.
    parts.push(chunk.slice(from))
    bytes += chunk.length - from
    if (bytes > mostBytes) {
      throw new ThalwegError(
        'E_LIMIT',
        `${name}, line ${number}: it is longer than ${mostBytes} bytes.`
      )
    }
  }
  if (parts.length > 0) yield take(false)
}
