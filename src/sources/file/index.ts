import { createReadStream, type Stats, statSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { ThalwegError } from '../../error.ts'
import { chunks } from '../../node/chunks.ts'
import { hasDescriptors, kept, openPipe } from '../../node/pipes.ts'
import { standardInput } from '../../node/standard-input.ts'
import { defineSource } from '../../pipeline/source.ts'
import { string } from '../../spec/fields.ts'

/** Other names of standard input. If it is a socket or a terminal, they could not be opened a second time. */
const ownInput = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0']

export const file = defineSource({
  type: 'file',
  summary: 'A recorded stream; or a named pipe, `<(...)` of a shell, or `-`, standard input.',
  options: { path: string({ description: 'the file to read', required: true }) },
  seeks: ({ path }) => statOf(path)?.isFile() ?? true,
  async *open({ path }, signal, start = 0) {
    const input = await opened(path, signal, start)
    if (input === undefined) return
    try {
      yield* chunks(input, signal, `file "${path}"`)
    } finally {
      // An input that cannot be read again is left open; whoever ends the run decides what to do with it.
      if (statOf(path)?.isFile()) input.destroy()
    }
  },
})

async function opened(
  path: string,
  signal: AbortSignal,
  start: number
): Promise<Readable | undefined> {
  if (ownInput.includes(path) && !statOf(path)?.isFile()) return standardInput()
  const stat = statOf(path)
  if (stat === undefined || stat.isFile()) {
    return createReadStream(path, { highWaterMark: 1 << 20, start })
  }
  if (!stat.isFIFO() || !hasDescriptors) return kept(createReadStream(path))
  return openPipe(path, signal).catch((cause: Error) => {
    throw new ThalwegError('E_INPUT', `file "${path}" cannot be read: ${cause.message}.`, { cause })
  })
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined // opening it gives the reason
  }
}
