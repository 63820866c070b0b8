import { readdirSync, readFileSync, statSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { ThalwegError } from '../../error.ts'
import { isObject } from '../../spec/parse.ts'
import { type Loaded, refused } from './loaded.ts'
import { readNpz } from './npz.ts'
import { readSafetensors } from './safetensors.ts'
import { isTfjsModel, readTfjs } from './tfjs.ts'

/** A checkpoint and its files. */
export interface Stored {
  readonly path: string
  readonly files: readonly string[]
  /** The last number in its name, if any. */
  readonly step: number | undefined
}

const readers = { '.safetensors': readSafetensors, '.npz': readNpz, '.json': readTfjs }
const isRead = (path: string): boolean =>
  extname(path) in readers && (extname(path) !== '.json' || isTfjsModel(path))
/** Sorts `step-20` before `step-100`. */
const { compare: natural } = new Intl.Collator('en', { numeric: true })

/**
 * The checkpoints in a folder, in natural order. Each is a file, or a folder of such files. If there is an index, it says which
 * files belong together.
 *
 * @throws E_INPUT if there are none
 */
export function checkpointsIn(folder: string): Stored[] {
  let names: string[]
  try {
    names = readdirSync(folder)
  } catch (cause) {
    const { message } = cause as Error
    throw new ThalwegError('E_INPUT', `folder "${folder}" cannot be read: ${message}.`, { cause })
  }
  const found = names.sort(natural).flatMap((name) => {
    const path = join(folder, name)
    const files = statSync(path).isDirectory() ? filesWithin(path) : isRead(path) ? [path] : []
    return files.length > 0 ? [{ path, files, step: stepOf(name) }] : []
  })
  if (found.length > 0) return found
  throw new ThalwegError(
    'E_INPUT',
    `folder "${folder}" has no checkpoints. They are .safetensors or .npz files or models of TF.js, or folders of them.`
  )
}

function filesWithin(folder: string): string[] {
  const paths = readdirSync(folder)
    .sort(natural)
    .map((name) => join(folder, name))
  const index = paths.find((path) => path.endsWith('.safetensors.index.json'))
  if (index !== undefined) return indexed(folder, index)
  const read = paths.filter(isRead)
  // The folder may also hold the state of an optimizer.
  const model = read.filter((path) => basename(path).startsWith('model.'))
  return model.length > 0 ? model : read
}

/** The shard files that an index file names. */
function indexed(folder: string, path: string): string[] {
  let index: unknown
  try {
    index = JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    throw refused(path, 'it is not JSON')
  }
  const map = isObject(index) ? index.weight_map : undefined
  if (!isObject(map)) throw refused(path, 'it has no "weight_map"')
  const names = [...new Set(Object.values(map).map(String))]
  const outside = names.find((name) => basename(name) !== name || extname(name) !== '.safetensors')
  if (outside !== undefined) throw refused(path, `"${outside}" is not a shard in its folder`)
  return names.sort(natural).map((name) => join(folder, name))
}

function stepOf(name: string): number | undefined {
  const digits = basename(name, extname(name) in readers ? extname(name) : '')
    .match(/\d+/g)
    ?.at(-1)
  return digits === undefined ? undefined : Number(digits)
}

/** Reads all shards of a checkpoint. */
export async function load({ path, files, step }: Stored): Promise<Loaded> {
  const tensors: Loaded['tensors'] = new Map()
  let own = step
  for (const file of files) {
    const read = await readers[extname(file) as keyof typeof readers](file)
    own ??= read.step
    for (const [name, tensor] of read.tensors) {
      if (tensors.has(name)) throw refused(path, `tensor "${name}" is in two of its files`)
      tensors.set(name, tensor)
    }
  }
  return { tensors, step: own }
}
