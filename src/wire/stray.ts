import { ThalwegError } from '../error.ts'
import { quoted } from '../plain.ts'
import { foreignBytes, refuseForeign } from './foreign.ts'
import { tokenKinds } from './tokens.ts'

/** This many bytes are enough to say what stands where a frame should begin. */
export const strayBytes = 64
const shown = 40
const leastLine = 3

/** Whether no frame begins with this byte. */
export function isStray(first: number): boolean {
  return tokenKinds[first] !== 'map'
}

/**
 * Refuses whatever stands where a frame should begin, once its first line, or enough of it, is there. `ended` says that no more
 * bytes will come.
 *
 * @throws E_STRAY_TEXT for text, E_FRAME for another kind of file and everything else
 */
export function refuseStray(bytes: Uint8Array, offset: number, ended = false): void {
  const visible = bytes.findIndex((byte) => byte > 0x20)
  const lineEnd = visible < 0 ? -1 : bytes.indexOf(0x0a, visible)
  const mayBeText = isText(bytes[0]!)
  // Two characters and a line feed may also be the length at the beginning of another kind of file.
  const isLine = mayBeText && lineEnd - visible >= leastLine
  const most = mayBeText && lineEnd < 0 ? strayBytes : foreignBytes
  if (!ended && !isLine && bytes.length < most) return
  refuseForeign(bytes.subarray(0, isLine ? lineEnd : foreignBytes), offset)
  const line = lineEnd < 0 ? bytes : bytes.subarray(0, lineEnd + 1)
  const [text = ''] = new TextDecoder().decode(line).split('\ufffd')
  if (text === '' || !mayBeText) {
    throw new ThalwegError(
      'E_FRAME',
      `between frames stands a MessagePack value of type ${tokenKinds[bytes[0]!]}, expected a map. Write nothing but frames, ` +
        'and from a single program.',
      { offset }
    )
  }
  throw new ThalwegError(
    'E_STRAY_TEXT',
    `the text ${quoted(firstWords(text) || text.slice(0, shown))} stands between frames. Keep stdout clean: ` +
      'write the frames to a duplicate of fd 1, from one program alone, and point stdout at stderr.',
    { offset }
  )
}

/** Whether text may begin with this byte: printable ASCII, white space, an escape sequence, or a UTF-8 character. */
function isText(byte: number): boolean {
  return (
    (byte >= 0x20 && byte < 0x7f) ||
    (byte >= 0x09 && byte <= 0x0d) ||
    byte === 0x1b ||
    (byte >= 0xc2 && byte <= 0xf4)
  )
}

function firstWords(text: string): string {
  const line = text.trimStart().split('\n', 1)[0]!
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is to go
  const plain = line.replace(/\x1b\[[0-9;?]*[a-zA-Z]|[\x00-\x1f\x7f-\x9f]/g, '').trimEnd()
  return plain.length > shown ? `${plain.slice(0, shown)}...` : plain
}
