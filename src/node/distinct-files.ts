import { fstatSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ThalwegError } from '../error.ts'

/** A file of a run, by its path or as an open descriptor, and what the run has it for. */
export interface UsedFile {
  readonly use: string
  readonly path: string | 0
}

/**
 * Makes sure that a run has each file for one thing: opening a file to write empties it, a recorded stream too.
 *
 * @throws E_CONFIG with both uses, where two lead to one file, by links too
 */
export function requireDistinctFiles(files: readonly UsedFile[]): void {
  const uses = new Map<string, string>()
  for (const { use, path } of files) {
    const identity = identityOf(path)
    if (identity === undefined) continue
    const other = uses.get(identity)
    if (other !== undefined) {
      throw new ThalwegError(
        'E_CONFIG',
        `${use}: "${path}" is the file of ${other} too, and would be emptied. Give each a path of its own.`
      )
    }
    uses.set(identity, use)
  }
}

/**
 * What is one and the same for all paths to a file; undefined for terminals, pipes and devices, and for what cannot be
 * looked at: whoever opens it says why.
 */
function identityOf(path: string | 0): string | undefined {
  try {
    const there = path === 0 ? fstatSync(path) : statSync(path, { throwIfNoEntry: false })
    if (there === undefined) return resolve(path as string)
    return there.isFile() ? `${there.dev}:${there.ino}` : undefined
  } catch {
    return undefined
  }
}
