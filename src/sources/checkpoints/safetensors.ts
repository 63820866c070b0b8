import { type FileHandle, open } from 'node:fs/promises'
import { isObject } from '../../spec/parse.ts'
import { fromBf16, fromF16 } from '../../wire/dtype.ts'
import { type Held, type Loaded, refused } from './loaded.ts'

/** Longest header that is read. Those of the largest models are far shorter. */
const mostHeader = 1 << 27

const bytesOf: { readonly [dtype: string]: number } = { F64: 8, F32: 4, F16: 2, BF16: 2 }

interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

/**
 * Reads the floating-point tensors in a safetensors file, and its step if the metadata have one. 16-bit numbers become f32,
 * exactly. Integer tensors are left out, because they are counters and indices.
 *
 * @throws E_INPUT if it is not such a file
 */
export async function readSafetensors(path: string): Promise<Loaded> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const length = Number((await bytesAt(file, path, 0, 8)).getBigUint64(0, true))
    if (length > Math.min(mostHeader, size - 8)) throw refused(path, 'its header is cut off')
    const { __metadata__: metadata, ...entries } = header(
      await bytesAt(file, path, 8, length),
      path
    )
    const tensors = new Map<string, Held>()
    for (const [name, entry] of Object.entries(entries) as [string, Entry][]) {
      const bytes = bytesOf[entry.dtype]
      if (bytes === undefined) continue
      const [from, to] = entry.data_offsets
      const elements = entry.shape.reduce((a, b) => a * b, 1)
      if (to - from !== elements * bytes || 8 + length + to > size) {
        throw refused(path, `tensor "${name}" is cut off`)
      }
      const data = await bytesAt(file, path, 8 + length + from, to - from)
      tensors.set(name, { shape: entry.shape, values: valuesOf(data, entry.dtype, elements) })
    }
    const step = isObject(metadata) ? Number(metadata.step ?? Number.NaN) : Number.NaN
    return { tensors, step: Number.isSafeInteger(step) && step >= 0 ? step : undefined }
  } finally {
    await file.close()
  }
}

function header(bytes: DataView<ArrayBuffer>, path: string): Record<string, unknown> {
  try {
    const read: unknown = JSON.parse(new TextDecoder().decode(bytes))
    if (isObject(read)) return { ...read }
  } catch {}
  throw refused(path, 'its header is not JSON')
}

async function bytesAt(file: FileHandle, path: string, at: number, length: number) {
  const bytes = new Uint8Array(length)
  let read = 0
  while (read < length) {
    const { bytesRead } = await file.read(bytes, read, length - read, at + read)
    if (bytesRead === 0) throw refused(path, 'it is cut off')
    read += bytesRead
  }
  return new DataView(bytes.buffer)
}

function valuesOf(data: DataView, dtype: string, elements: number): Held['values'] {
  const values = dtype === 'F64' ? new Float64Array(elements) : new Float32Array(elements)
  for (let i = 0; i < elements; i++) {
    if (dtype === 'F64') values[i] = data.getFloat64(8 * i, true)
    else if (dtype === 'F32') values[i] = data.getFloat32(4 * i, true)
    else values[i] = (dtype === 'F16' ? fromF16 : fromBf16)(data.getUint16(2 * i, true))
  }
  return values
}
