import { fstatSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { ThalwegError } from '../error.ts'

/** A file of a run, as a path or an open descriptor, and what the run uses it for. */
export interface UsedFile {
  readonly use: string
  readonly path: string | 0
}

/**
 * Makes sure that a run uses each file for only one purpose. Opening a file for writing empties it, and it may be a recorded
 * stream.
 *
 * @throws E_CONFIG with both uses, if two of them lead to the same file, even by links
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
 * An identifier that all paths to a file have in common. Undefined for terminals, pipes and devices, and for files that cannot be
 * examined: opening them gives the reason.
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
