import { ThalwegError } from '../error.ts'
import { type TokenKind, tokenKinds } from './tokens.ts'

const most = 64
const shown = 40

/** What stands where a frame should begin; collected until there is enough of it to name. */
export class Stray {
  readonly #offset: number
  readonly #bytes: number[] = []

  constructor(offset: number) {
    this.#offset = offset
  }

  get bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes)
  }

  /** Takes bytes in; throws when the first line, or enough of it, has come. */
  push(bytes: Uint8Array, at: number): void {
    for (; at < bytes.length; at++) {
      const byte = bytes[at]!
      this.#bytes.push(byte)
      const lineEnd = byte === 0x0a && this.#bytes.some((each) => each > 0x20)
      if (lineEnd || this.#bytes.length === most || !isText(this.#bytes[0]!)) this.fail()
    }
  }

  /** @throws E_STRAY_TEXT for text, E_FRAME for anything else */
  fail(): never {
    const [text = ''] = new TextDecoder().decode(this.bytes).split('\ufffd')
    const details = { offset: this.#offset }
    if (text === '' || !isText(this.#bytes[0]!)) {
      const kind: TokenKind = tokenKinds[this.#bytes[0]!]!
      throw new ThalwegError(
        'E_FRAME',
        `between frames stands a MessagePack value of type ${kind}, expected a map. Write nothing but frames.`,
        details
      )
    }
    throw new ThalwegError(
      'E_STRAY_TEXT',
      `the text ${JSON.stringify(firstWords(text) || text.slice(0, shown))} stands between frames. Keep stdout clean: ` +
        'write the frames to a duplicate of fd 1 and point stdout at stderr.',
      details
    )
  }
}

/** Whether a byte may begin a text: printable ASCII, white space, an escape sequence, or a character of UTF-8. */
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
