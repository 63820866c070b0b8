import { readFile } from 'node:fs/promises'
import { inflateRawSync } from 'node:zlib'
import { fromF16 } from '../../wire/dtype.ts'
import { type Held, type Loaded, refused } from './loaded.ts'

const endOfDirectory = 0x06054b50
const entryOfDirectory = 0x02014b50

/**
 * Reads the floating-point arrays in a NumPy `.npz`, stored or deflated. Arrays of more than 4 GiB are left out. An array `step`
 * with one number is the step.
 *
 * @throws E_INPUT if it is not such a file
 */
export async function readNpz(path: string): Promise<Loaded> {
  const tensors = new Map<string, Held>()
  let step: number | undefined
  for (const [file, bytes] of filesOf(await readFile(path), path)) {
    const name = file.replace(/\.npy$/, '')
    const array = arrayOf(bytes, path, name)
    if (name === 'step' && array.values.length === 1) step = array.values[0]
    else if (array.float) tensors.set(name, array)
  }
  return { tensors, step: step !== undefined && Number.isSafeInteger(step) ? step : undefined }
}

/** The files in a zip archive, from its central directory. */
function* filesOf(zip: Buffer, path: string): Generator<[string, Buffer]> {
  let end = zip.length - 22
  while (end >= 0 && zip.readUInt32LE(end) !== endOfDirectory) end--
  if (end < 0) throw refused(path, 'it is not a whole .npz')
  try {
    let at = zip.readUInt32LE(end + 16)
    for (let n = zip.readUInt16LE(end + 10); n > 0; n--) {
      if (zip.readUInt32LE(at) !== entryOfDirectory) throw new RangeError()
      const method = zip.readUInt16LE(at + 10)
      const [packed, length] = [zip.readUInt32LE(at + 20), zip.readUInt32LE(at + 24)]
      const [nameLength, extra, comment] = [28, 30, 32].map((k) => zip.readUInt16LE(at + k))
      const local = zip.readUInt32LE(at + 42)
      const name = zip.toString('utf8', at + 46, at + 46 + nameLength!)
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28)
      const data = zip.subarray(start, start + packed)
      const bytes = method === 0 ? data : inflateRawSync(data, { maxOutputLength: length })
      if (bytes.length !== length) throw new RangeError()
      yield [name, bytes]
      at += 46 + nameLength! + extra! + comment!
    }
  } catch (cause) {
    if (cause instanceof RangeError || cause instanceof TypeError || 'errno' in (cause as object)) {
      throw refused(path, 'it is not a whole .npz')
    }
    throw cause
  }
}

const readers: { readonly [descr: string]: (bytes: Buffer, at: number) => number } = {
  '<f8': (bytes, at) => bytes.readDoubleLE(8 * at),
  '<f4': (bytes, at) => bytes.readFloatLE(4 * at),
  '<f2': (bytes, at) => fromF16(bytes.readUInt16LE(2 * at)),
  '<i8': (bytes, at) => Number(bytes.readBigInt64LE(8 * at)),
  '<i4': (bytes, at) => bytes.readInt32LE(4 * at),
}

/** Reads an array in NumPy's format, versions 1 to 3. Of integer arrays, only one that may be the step is read. */
function arrayOf(bytes: Buffer, path: string, name: string): Held & { readonly float: boolean } {
  if (bytes.toString('latin1', 1, 6) !== 'NUMPY') throw refused(path, `"${name}" is not an array`)
  const long = bytes[6]! > 1
  const start = long ? 12 : 10
  const end = start + (long ? bytes.readUInt32LE(8) : bytes.readUInt16LE(8))
  const text = bytes.toString('utf8', start, end)
  const descr = /'descr': '([^']*)'/.exec(text)?.[1] ?? ''
  const shape = /'shape': \(([0-9, ]*)\)/.exec(text)?.[1]?.match(/\d+/g)?.map(Number) ?? []
  const elements = shape.reduce((a, b) => a * b, 1)
  const float = /^<f[248]$/.test(descr)
  const read = readers[descr]
  if (!read || (!float && elements !== 1))
    return { shape, values: new Float32Array(0), float: false }
  const data = bytes.subarray(end)
  if (data.length < elements * Number(descr[2])) throw refused(path, `"${name}" is cut off`)
  const isByColumns = /'fortran_order': True/.test(text) && shape.length > 1
  const values = /8$/.test(descr) ? new Float64Array(elements) : new Float32Array(elements)
  for (let i = 0; i < elements; i++) values[i] = read(data, isByColumns ? byColumns(i, shape) : i)
  return { shape, values, float }
}

/** Converts the index i of a row-major array to the index in a column-major one. NumPy stores transposed arrays column-major. */
function byColumns(i: number, shape: readonly number[]): number {
  let [rest, at] = [i, 0]
  let stride = shape.reduce((a, b) => a * b, 1)
  for (const size of shape.toReversed()) {
    stride /= size
    at += (rest % size) * stride
    rest = Math.floor(rest / size)
  }
  return at
}
