const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Looks for what a pipe in text mode does to bytes: it puts a carriage return before each line feed. One line feed without
 * says that it does not, and the search ends.
 */
export class TextMode {
  #rewritten = 0
  #isRuledOut = false

  /** Looks at the next bytes of the stream; what it finds depends on their content alone if they are cut between frames. */
  look(bytes: Uint8Array): void {
    if (this.#isRuledOut) return
    for (let at = bytes.indexOf(lineFeed); at >= 0; at = bytes.indexOf(lineFeed, at + 1)) {
      if (bytes[at - 1] !== carriageReturn) {
        this.#isRuledOut = true
        return
      }
      this.#rewritten++
    }
  }

  /** What to say of an error in a stream that looks so. */
  get hint(): string | undefined {
    if (this.#isRuledOut || this.#rewritten === 0) return undefined
    return (
      'Every line feed so far comes after a carriage return (CRLF): a pipe in text mode seems to have rewritten the bytes, ' +
      'as on Windows. Write the stream in binary mode, and join the two programs in cmd.exe.'
    )
  }
}
