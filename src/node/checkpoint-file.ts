import { accessSync, constants, createReadStream, statSync } from 'node:fs'
import { open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ThalwegError } from '../error.ts'
import type { CheckpointStore } from '../pipeline/checkpoint.ts'

/**
 * State in a file: written beside it, flushed, then moved to its place, so that a whole one is there at any moment.
 *
 * @throws E_OUTPUT where no file can be written, rather than at the first checkpoint, hours later
 */
export function checkpointFile(path: string): CheckpointStore {
  requirePlace(path)
  return {
    async save(chunks) {
      const partial = `${path}.partial`
      try {
        const file = await open(partial, 'w')
        try {
          for await (const chunk of chunks) await file.writeFile(chunk)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(partial, path)
        await syncFolder(dirname(path))
      } catch (cause) {
        throw failed('E_OUTPUT', path, 'written', cause)
      }
    },
    async load() {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
      return stateIn(path)
    },
  }
}

/** The bytes of a saved state; what is wrong with it is said with its name. */
async function* stateIn(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 })
  } catch (cause) {
    throw failed('E_INPUT', path, 'read', cause)
  }
}

function requirePlace(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK)
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw new Error('it is a folder')
  } catch (cause) {
    throw failed('E_OUTPUT', path, 'written', cause)
  }
}

/** Makes what was moved into a folder last; Windows has no such thing. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const folder = await open(path)
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

function failed(code: 'E_OUTPUT' | 'E_INPUT', path: string, what: string, cause: unknown) {
  const { message } = cause as Error
  return new ThalwegError(code, `checkpoint "${path}" cannot be ${what}: ${message}.`, { cause })
}
