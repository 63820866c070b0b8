import { ThalwegError } from '../../error.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { crc32 } from './crc32.ts'
import type { StateLayout } from './pieces.ts'

/**
 * A state begins with "THWG", version, length and CRC-32 of the header (u32 little-endian each), and the header in JSON.
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
  /** Column slots that go along. */
  readonly slots: readonly number[]
  readonly plain: unknown
  /** What the host keeps beside the run: places in its source and sinks. */
  readonly host: unknown
}

/** JSON has no words for numbers that are not finite, nor for -0. */
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

/** Gathers a header from the chunks that a state begins with. */
export class HeaderReader {
  #bytes: Uint8Array = new Uint8Array(0)

  /**
   * Takes a chunk; with the last one of the header gives it, its bytes, and those that follow it.
   *
   * @throws E_STATE when these are not a header
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
