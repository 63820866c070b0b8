import { ThalwegError } from '../../error.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { crc32 } from './crc32.ts'
import type { StateLayout } from './pieces.ts'

/**
 * A state begins with "THWG", then the version, the length and the CRC-32 of the header (little-endian u32 each), then the header
 * in JSON.
 */
const magic = 0x47574854
const version = 5
const preambleBytes = 16
const mostBytes = 1 << 26

export interface Header {
  readonly build: string
  readonly open: OpenFrame
  readonly settings: string
  readonly regions: StateLayout
  /** Column slots that are saved. */
  readonly slots: readonly number[]
  readonly plain: unknown
  /** What the host saves beside the run: its places in source and sinks. */
  readonly host: unknown
}

/** JSON cannot express non-finite numbers or -0. */
const writeNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))
    ? { '': Object.is(value, -0) ? '-0' : String(value) }
    : value

const readNumber = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && '' in value && typeof value[''] === 'string'
    ? Number(value[''])
    : value

/** A header as bytes. */
export function packHeader(header: Header): Uint8Array {
  const text = new TextEncoder().encode(JSON.stringify(header, writeNumber))
  const packed = new Uint8Array(preambleBytes + text.length)
  packed.set(text, preambleBytes)
  const preamble = new DataView(packed.buffer)
  preamble.setUint32(0, magic, true)
  preamble.setUint32(4, version, true)
  preamble.setUint32(8, text.length, true)
  preamble.setUint32(12, crc32(text), true)
  return packed
}

/** Collects the header from the first chunks of a state. */
export class HeaderReader {
  #bytes: Uint8Array = new Uint8Array(0)

  /**
   * Takes a chunk. Once the header is complete, returns it, its bytes, and the bytes after it.
   *
   * @throws E_STATE when the bytes are not a header
   */
  push(chunk: Uint8Array): { header: Header; bytes: Uint8Array; rest: Uint8Array } | undefined {
    const joined = new Uint8Array(this.#bytes.length + chunk.length)
    joined.set(this.#bytes)
    joined.set(chunk, this.#bytes.length)
    this.#bytes = joined
    if (joined.length < preambleBytes) return undefined
    const preamble = new DataView(joined.buffer)
    const [word, got, length, crc] = [0, 4, 8, 12].map((at) => preamble.getUint32(at, true))
    if (word !== magic) throw refused('it does not begin as a state')
    if (got !== version) throw refused(`its version is ${got}, expected ${version}`)
    if (length! > mostBytes) throw refused(`its header of ${length} bytes is above ${mostBytes}`)
    const end = preambleBytes + length!
    if (joined.length < end) return undefined
    const text = joined.subarray(preambleBytes, end)
    if (crc32(text) !== crc) throw refused('its header is damaged')
    const header = JSON.parse(new TextDecoder().decode(text), readNumber) as Header
    return { header, bytes: joined.subarray(0, end), rest: joined.subarray(end) }
  }
}

export function refused(why: string): ThalwegError {
  return new ThalwegError(
    'E_STATE',
    `the state is refused: ${why}. Start a new run, or load a state that fits this one.`
  )
}
