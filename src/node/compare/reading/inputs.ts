import { readdirSync, type Stats, statSync } from 'node:fs'
import { basename, extname, join, relative, sep } from 'node:path'
import { ThalwegError } from '../../../error.ts'
import { globToRegExp, isGlob } from '../../../spec/glob.ts'
import { isAddress } from './posted.ts'

/** A file with one run or several, or the address of one that was posted. */
export interface Input {
  readonly path: string
  /** The group that its place says; undefined where the names of its runs do. */
  readonly group: string | undefined
}

/** Endings of files that are read of a folder: stored summaries and recorded streams. */
const endings = ['.ndjson', '.jsonl', '.thalweg', '.msgpack']

/**
 * The files of what was named, each with its group: the folder or file that was named, or, where only one folder was, the folder
 * within it.
 *
 * @throws E_INPUT for what is not there, and for a folder without runs
 */
export function inputsOf(paths: readonly string[]): Input[] {
  const isFile = (path: string): boolean => !isAddress(path) && statOf(path).isFile()
  const names = paths.map((path) => basename(path, isFile(path) ? extname(path) : ''))
  return paths.flatMap((path, i) => {
    if (isAddress(path) || isFile(path)) {
      return [{ path, group: paths.length > 1 ? unlike(names, i, path) : undefined }]
    }
    const files = (readdirSync(path, { recursive: true }) as string[])
      .filter((file) => endings.includes(extname(file)))
      .sort()
      .map((file) => join(path, file))
    if (files.length === 0) {
      throw new ThalwegError(
        'E_INPUT',
        `compare: folder "${path}" has no runs. Their files end with ${endings.join(', ')}.`
      )
    }
    return files.map((file) => ({
      path: file,
      group: paths.length > 1 ? unlike(names, i, path) : folderWithin(path, file),
    }))
  })
}

/** A name that no other has, or the whole path. */
function unlike(names: readonly string[], i: number, path: string): string {
  const name = names[i]!
  return names.indexOf(name) === names.lastIndexOf(name) ? name : path
}

function folderWithin(folder: string, file: string): string | undefined {
  const [first, ...rest] = relative(folder, file).split(sep)
  return rest.length > 0 ? first : undefined
}

/** A group that the user names, and what belongs to it. */
export interface GroupRule {
  readonly name: string
  readonly takes: (text: string) => boolean
}

/**
 * Reads `name=glob`; the glob is held against files' paths and runs' names.
 *
 * @throws E_USAGE
 */
export function parseGroup(text: string): GroupRule {
  const [, name, glob] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name === undefined || !isGlob(glob!)) {
    throw new ThalwegError(
      'E_USAGE',
      `compare: --group "${text}" is no group. Write name=glob, as in small=runs/h5-*.ndjson.`
    )
  }
  const here = (text: string): string => text.replace(/^(\.\/)+/, '')
  const pattern = globToRegExp(here(glob!), '/')
  return { name, takes: (own) => pattern.test(here(own)) }
}

function statOf(path: string): Stats {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat) return stat
  throw new ThalwegError(
    'E_INPUT',
    `compare: "${path}" is not there. Give files or folders of runs.`
  )
}
