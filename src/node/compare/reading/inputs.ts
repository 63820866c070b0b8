import { readdirSync, type Stats, statSync } from 'node:fs'
import { basename, extname, join, relative, sep } from 'node:path'
import { ThalwegError } from '../../../error.ts'
import { globToRegExp, isGlob } from '../../../spec/glob.ts'
import { isAddress } from './posted.ts'

/** A file with one or more runs, or the address of a posted run. */
export interface Input {
  readonly path: string
  /** The group that follows from the path. Undefined if the names of its runs decide. */
  readonly group: string | undefined
}

/** Endings of the files that are read in a folder: stored summaries and recorded streams. */
const endings = ['.ndjson', '.jsonl', '.thalweg', '.msgpack']

/**
 * The files at the given paths, each with its group: the given folder or file, or, if only one folder was given, the subfolder in
 * it.
 *
 * @throws E_INPUT for a path that does not exist, and for a folder without runs
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

/** A name that no other path has, or else the whole path. */
function unlike(names: readonly string[], i: number, path: string): string {
  const name = names[i]!
  return names.indexOf(name) === names.lastIndexOf(name) ? name : path
}

function folderWithin(folder: string, file: string): string | undefined {
  const [first, ...rest] = relative(folder, file).split(sep)
  return rest.length > 0 ? first : undefined
}

/** A group that the user defines, and the runs that belong to it. */
export interface GroupRule {
  readonly name: string
  readonly takes: (text: string) => boolean
}

/**
 * Parses `name=glob`. The glob is matched against paths of files and names of runs.
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
