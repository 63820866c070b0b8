import { randomBytes } from 'node:crypto'
import { accessSync, constants, createReadStream, readdirSync, rmSync, statSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { ThalwegError } from '../error.ts'
import type { CheckpointStore } from '../pipeline/checkpoint.ts'
import { lockFile } from './lock-file.ts'

/** State in a file. No other process can use the file until it is released. */
export interface CheckpointFile extends CheckpointStore {
  dispose(): void
}

/** The lock file, which says which process writes a checkpoint. */
export const lockOf = (path: string): string => `${path}.lock`

/**
 * Saves state in a file. A new state is written to another file with an unguessable name, flushed, and then moved into place. So
 * there is a complete state at any time.
 *
 * @throws E_OUTPUT at once, not at the first checkpoint hours later, if the file cannot be written or another process
 *   writes it
 *
 * @example
 * ```ts
 * const checkpoint = checkpointFile('run.state')
 * await checkpoint.save(saveState(run))
 * ```
 */
export function checkpointFile(path: string): CheckpointFile {
  const dispose = begin(path)
  return {
    async save(chunks) {
      const partial = partialOf(path)
      try {
        const file = await open(partial, 'wx')
        try {
          for await (const chunk of chunks) await file.writeFile(chunk)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(partial, path)
        await syncFolder(dirname(path))
      } catch (cause) {
        await rm(partial, { force: true }).catch(() => {})
        throw failed('E_OUTPUT', path, 'written', cause)
      }
    },
    async load() {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return undefined
      return stateIn(path)
    },
    dispose,
  }
}

const partialOf = (path: string): string => `${path}.${randomBytes(8).toString('hex')}.partial`

/** The bytes of a saved state. Errors in it name the file. */
async function* stateIn(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: 1 << 20 })
  } catch (cause) {
    throw failed('E_INPUT', path, 'read', cause)
  }
}

/** Checks that this process can write states and no other process does. Removes files that a killed process has left. */
function begin(path: string): () => void {
  try {
    accessSync(dirname(path), constants.W_OK)
    const there = statSync(path, { throwIfNoEntry: false })
    if (there?.isDirectory()) throw new Error('it is a folder')
    if (there && !there.isFile()) throw new Error('it is a pipe or a device and not a file')
    const unlock = lockFile(lockOf(path))
    for (const name of readdirSync(dirname(path))) {
      const own = name.startsWith(`${basename(path)}.`) && /\.[0-9a-f]{16}\.partial$/.test(name)
      if (own) rmSync(join(dirname(path), name), { force: true })
    }
    return unlock
  } catch (cause) {
    throw failed('E_OUTPUT', path, 'written', cause)
  }
}

/** Makes renames in a folder durable. Windows cannot do this. */
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
