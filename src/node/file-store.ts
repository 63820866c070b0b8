import { randomBytes } from 'node:crypto'
import { link, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store } from '../edge/store.ts'
import { syncFolder } from './checkpoint-file.ts'

/** A store that can list its runs. */
export interface FileStore extends Store {
  /** Ids of all runs. The one that was written last comes last. */
  runs(): Promise<string[]>
}

/**
 * Stores runs in a folder of files, for any number of processes on one machine. A file is written elsewhere, flushed, and then
 * moved into place. Heads are numbered files. The next head is linked only if its number is free, so only one of several writers
 * succeeds.
 *
 * @example
 * ```ts
 * const store = fileStore('runs')
 * const fetch = handler(pipeline, { stages: [svd()], store, authorize: () => true })
 * ```
 */
export function fileStore(folder: string): FileStore {
  const homeOf = (run: string) => join(folder, folderName(run))
  const chunkFile = (run: string, name: string) => join(homeOf(run), 'chunks', name)

  const write = async (home: string, bytes: Uint8Array): Promise<string> => {
    const file = join(home, `new-${randomBytes(8).toString('hex')}`)
    const handle = await open(file, 'wx')
    try {
      await handle.writeFile(bytes)
      await handle.sync()
    } finally {
      await handle.close()
    }
    return file
  }

  /** Number of the current head; 0 if there is none. */
  const newest = async (run: string): Promise<number> =>
    Math.max(0, ...(await listed(homeOf(run))).map(headNumber))

  const current = async (run: string): Promise<{ number: number; bytes: Buffer } | undefined> => {
    for (;;) {
      const number = await newest(run)
      if (number === 0) return undefined
      const bytes = await readIfThere(join(homeOf(run), headName(number)))
      if (bytes) return { number, bytes }
    }
  }

  return {
    async runs() {
      const found = (await listed(folder)).flatMap((name) => runOf(name) ?? [])
      const times = new Map<string, number>()
      for (const run of found) {
        // Any new head changes the folder. The folder may be deleted in the meantime.
        const home = await ifThere(stat(homeOf(run)))
        if (home) times.set(run, home.mtimeMs)
      }
      return [...times].sort(([, a], [, b]) => a - b).map(([run]) => run)
    },

    async head(run) {
      const found = await current(run)
      if (!found) return undefined
      const { number, bytes } = found
      return {
        revision: `${number}-${bytes.toString('latin1', 0, birthBytes)}`,
        bytes: bytes.subarray(birthBytes),
      }
    },

    async compareAndSet(run, revision, head) {
      const home = homeOf(run)
      if (await mkdir(join(home, 'chunks'), { recursive: true })) await syncFolder(folder)
      const found = await current(run)
      const birth = found
        ? found.bytes.toString('latin1', 0, birthBytes)
        : randomBytes(birthBytes / 2).toString('hex')
      if (revision !== (found && `${found.number}-${birth}`)) return undefined
      const number = (found?.number ?? 0) + 1
      const file = await write(home, Buffer.concat([Buffer.from(birth, 'latin1'), head]))
      try {
        await link(file, join(home, headName(number)))
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined
        throw error
      } finally {
        await unlink(file)
      }
      await syncFolder(home)
      // The number was free only because other writers are two heads ahead and have removed it already. So this write came too
      // late.
      if ((await newest(run)) > number) {
        await rm(join(home, headName(number)), { force: true })
        return undefined
      }
      if (found) await rm(join(home, headName(found.number)), { force: true })
      return `${number}-${birth}`
    },

    async putChunk(run, name, bytes) {
      const chunks = join(homeOf(run), 'chunks')
      await mkdir(chunks, { recursive: true })
      await rename(await write(chunks, bytes), chunkFile(run, name))
      await syncFolder(chunks)
    },

    getChunk: (run, name) => readIfThere(chunkFile(run, name)),

    async delete(run, names) {
      for (const name of names ?? []) await rm(chunkFile(run, name), { force: true })
      if (names) return
      await rm(join(homeOf(run), 'chunks'), { recursive: true, force: true })
      await rm(homeOf(run), { recursive: true, force: true })
    },
  }
}

/** Random bytes that distinguish a run from an earlier, deleted one of the same id. */
const birthBytes = 16

const headName = (number: number): string => `head-${number}`

const headNumber = (name: string): number => Number(/^head-(\d+)$/.exec(name)?.[1] ?? 0)

/** The name of a run's folder on any file system: some do not distinguish `A` from `a`, and some reserve names for devices. */
function folderName(run: string): string {
  return `run-${run.replace(/[A-Z]/g, (letter) => `+${letter.toLowerCase()}`)}`
}

/** The run of this folder. */
function runOf(folderName: string): string | undefined {
  const [, name] = /^run-([\w+-]+)$/.exec(folderName) ?? []
  return name?.replace(/\+([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

async function listed(folder: string): Promise<string[]> {
  return (await ifThere(readdir(folder))) ?? []
}

function readIfThere(file: string): Promise<Buffer | undefined> {
  return ifThere(readFile(file))
}

async function ifThere<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
