import { ThalwegError } from '../error.ts'

/** This many bytes are enough to recognise another kind of file. Every stream is longer. */
export const foreignBytes = 16

interface Foreign {
  readonly what: string
  readonly advice: string
}

const unpack = (command: string): string =>
  `Decompress it on the way: ${command} FILE | thalweg run.`
const notStream =
  'It holds weights, not a stream: give what the trainer wrote while it ran, frame by frame.'

/** The first bytes of files that people mistake for a stream. */
const signatures: readonly (Foreign & { readonly bytes: readonly number[] })[] = [
  { what: 'gzip data', bytes: [0x1f, 0x8b], advice: unpack('zcat') },
  { what: 'xz data', bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], advice: unpack('xzcat') },
  { what: 'zstd data', bytes: [0x28, 0xb5, 0x2f, 0xfd], advice: unpack('zstdcat') },
  { what: 'bzip2 data', bytes: [0x42, 0x5a, 0x68], advice: unpack('bzcat') },
  { what: 'lz4 data', bytes: [0x04, 0x22, 0x4d, 0x18], advice: unpack('lz4cat') },
  { what: 'a zip file, as .npz and .pt are,', bytes: [0x50, 0x4b, 0x03, 0x04], advice: notStream },
  { what: 'a file of NumPy', bytes: [0x93, 0x4e, 0x55, 0x4d], advice: notStream },
  { what: 'an HDF5 file, as .h5 is,', bytes: [0x89, 0x48, 0x44, 0x46], advice: notStream },
]

const utf16 = {
  what: 'text in UTF-16',
  advice:
    'A shell has rewritten the bytes, as | and > of PowerShell do. Join the two programs in cmd.exe, or write to a file from the trainer itself.',
}
const recoded = {
  what: 'a stream that was rewritten as text',
  advice: utf16.advice,
}

/**
 * Refuses a file or text of another kind, which it recognises by the first bytes.
 *
 * @throws E_FRAME
 */
export function refuseForeign(bytes: Uint8Array, offset: number): void {
  const found = foreignOf(bytes)
  if (!found) return
  throw new ThalwegError('E_FRAME', `here begins ${found.what}, not a frame. ${found.advice}`, {
    offset,
  })
}

function foreignOf(bytes: Uint8Array): Foreign | undefined {
  const begins = (signature: readonly number[], at = 0): boolean =>
    signature.every((byte, i) => bytes[at + i] === byte)
  if (begins([0xff, 0xfe]) || begins([0xfe, 0xff]) || isWide(bytes)) return utf16
  if (bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5) {
    return { what: 'a pickle of Python, as .pkl and old .pt are,', advice: notStream }
  }
  if (isSafetensors(bytes)) return { what: 'a safetensors file', advice: notStream }
  const known = signatures.find((signature) => begins(signature.bytes))
  return known ?? (isRecoded(bytes) ? recoded : undefined)
}

/** Whether the text is UTF-16 without a byte order mark: every other byte is zero. */
function isWide(bytes: Uint8Array): boolean {
  if (bytes.length < 8) return false
  const zeros = [...bytes.subarray(0, 8)].map((byte) => (byte === 0 ? 1 : 0)).join('')
  return zeros === '01010101' || zeros === '10101010'
}

/** Whether it begins like a safetensors file: an eight-byte length, then JSON. */
function isSafetensors(bytes: Uint8Array): boolean {
  return bytes[8] === 0x7b && bytes[9] === 0x22 && [5, 6, 7].every((at) => bytes[at] === 0)
}

/**
 * Whether the bytes are a frame that was converted as text: the keys are intact, but each other byte became two or more bytes
 * (UTF-8) or a `?` (ASCII).
 */
function isRecoded(bytes: Uint8Array): boolean {
  const text = String.fromCharCode(...bytes.subarray(0, foreignBytes))
  return /^[^ -~]{2,6}kind[^ -~]{2,3}|^\?\?kind\?[a-z]/.test(text)
}
