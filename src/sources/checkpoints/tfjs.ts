import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isObject } from '../../spec/parse.ts'
import { fromF16 } from '../../wire/dtype.ts'
import { type Held, type Loaded, refused } from './loaded.ts'

/** A tensor, as the manifest of a TF.js model describes it. */
interface Entry {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  /** `optimizer` for a tensor that is not a weight of the model. */
  readonly group?: string
  readonly quantization?: {
    readonly dtype: string
    readonly scale?: number
    readonly min?: number
  }
}

interface Group {
  readonly paths: readonly string[]
  readonly weights: readonly Entry[]
}

/** Whether a JSON file is the model of a TF.js checkpoint, and not a configuration file beside one. */
export function isTfjsModel(path: string): boolean {
  try {
    return Array.isArray(JSON.parse(readFileSync(path, 'utf8')).weightsManifest)
  } catch {
    return false
  }
}

/**
 * Reads the f32 tensors that a TF.js model's JSON file names, from the shards beside it, and the step if the user-defined
 * metadata have one. Quantised weights are dequantised as in TF.js. The optimizer's state, integers and strings are left out.
 *
 * @throws E_INPUT if it is not such a model
 */
export async function readTfjs(path: string): Promise<Loaded> {
  const model = modelOf(await readFile(path, 'utf8'), path)
  const tensors = new Map<string, Held>()
  for (const { paths, weights } of model.weightsManifest) {
    const bytes = Buffer.concat(await Promise.all(paths.map((own) => shard(path, own))))
    let at = 0
    for (const entry of weights) {
      const length = bytesOf(entry, bytes, at)
      if (length === undefined) {
        throw refused(path, `"${entry.name}" is of ${entry.dtype}, which is not known`)
      }
      if (at + length > bytes.length) throw refused(path, `tensor "${entry.name}" is cut off`)
      if (entry.dtype === 'float32' && entry.group !== 'optimizer') {
        const values = valuesOf(entry, bytes.subarray(at, at + length))
        tensors.set(entry.name, { shape: entry.shape, values })
      }
      at += length
    }
    if (at < bytes.length) throw refused(path, 'its shards hold more than it names')
  }
  const { userDefinedMetadata: own } = model
  const step = isObject(own) ? Number(own.step ?? Number.NaN) : Number.NaN
  return { tensors, step: Number.isSafeInteger(step) && step >= 0 ? step : undefined }
}

function modelOf(
  text: string,
  path: string
): { readonly weightsManifest: readonly Group[]; readonly userDefinedMetadata?: unknown } {
  try {
    const model = JSON.parse(text)
    const isWhole = (model.weightsManifest as Partial<Group>[]).every(
      ({ paths, weights }) =>
        paths!.every((own) => typeof own === 'string') &&
        weights!.every(({ shape }) => shape.every((size) => Number.isSafeInteger(size)))
    )
    if (isWhole) return model
  } catch {}
  throw refused(path, 'it has no "weightsManifest" of TF.js')
}

async function shard(model: string, name: string): Promise<Buffer> {
  if (basename(name) !== name) throw refused(model, `"${name}" is not a shard in its folder`)
  try {
    return await readFile(join(dirname(model), name))
  } catch {
    throw refused(model, `its shard "${name}" is not there`)
  }
}

const elementBytes: { readonly [dtype: string]: number } = {
  float32: 4,
  float16: 2,
  int32: 4,
  uint16: 2,
  uint8: 1,
  bool: 1,
  complex64: 8,
}

const elementsOf = ({ shape }: Entry): number => shape.reduce((a, b) => a * b, 1)

/** Number of bytes of an entry that begins at `at`. Strings contain their own lengths. */
function bytesOf(entry: Entry, bytes: Buffer, at: number): number | undefined {
  const elements = elementsOf(entry)
  if (entry.dtype !== 'string') {
    const each = elementBytes[entry.quantization?.dtype ?? entry.dtype]
    return each === undefined ? undefined : each * elements
  }
  let end = at
  for (let i = 0; i < elements && end + 4 <= bytes.length; i++) end += 4 + bytes.readUInt32LE(end)
  return end - at
}

function valuesOf(entry: Entry, bytes: Buffer): Float32Array {
  const { dtype, scale = 1, min = 0 } = entry.quantization ?? { dtype: 'float32' }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float32Array(elementsOf(entry))
  for (let i = 0; i < values.length; i++) {
    if (dtype === 'float32') values[i] = view.getFloat32(4 * i, true)
    else if (dtype === 'float16') values[i] = fromF16(view.getUint16(2 * i, true))
    else
      values[i] =
        scale * (dtype === 'uint16' ? view.getUint16(2 * i, true) : view.getUint8(i)) + min
  }
  return values
}
