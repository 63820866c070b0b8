import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { SummarySpecs } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import { storedBlocks } from '../../pipeline/stored.ts'
import type { Feed } from './feed.ts'

/** Time between checks of a growing file. */
const lookMs = 1000
const newline = 10

/**
 * Feeds the summaries of a file, and then those that are appended to it. If the file becomes shorter, it is read from the
 * beginning, as other runs.
 *
 * @throws E_INPUT if there is no such file, E_SUMMARY if a line is not a summary
 */
export async function followFile(
  feed: Feed,
  path: string,
  specs: SummarySpecs,
  signal: AbortSignal
): Promise<void> {
  let read = 0
  let times = 0
  while (!signal.aborted) {
    const size = await sizeOf(path)
    if (size < read) {
      read = 0
      times++
    }
    if (size > read) {
      const lines = wholeLines(path, read, size)
      for await (const { summaries } of storedBlocks(lines.chunks, specs, `file "${path}"`)) {
        if (signal.aborted) return
        feed.add(summaries, `${path} ${times}`)
      }
      read += lines.length()
    }
    await wait(lookMs, undefined, { signal }).catch(() => {})
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    throw new ThalwegError('E_INPUT', `file "${path}" cannot be read: ${(error as Error).message}.`)
  }
}

/** A part of a file up to its last line break. The rest is still being written. */
function wholeLines(path: string, start: number, end: number) {
  let length = 0
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let held: Buffer = Buffer.alloc(0)
    for await (const chunk of createReadStream(path, { start, end: end - 1 })) {
      const bytes = Buffer.concat([held, chunk as Buffer])
      const cut = bytes.lastIndexOf(newline) + 1
      held = bytes.subarray(cut)
      length += cut
      if (cut > 0) yield bytes.subarray(0, cut)
    }
  }
  return { chunks: chunks(), length: () => length }
}
