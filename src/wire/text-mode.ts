const lineFeed = 0x0a
const carriageReturn = 0x0d

/**
 * Detects that a pipe in text mode has changed the bytes: it puts a carriage return before each line feed. A single line feed
 * without one proves the contrary, and the search ends.
 */
export class TextMode {
  #rewritten = 0
  #isRuledOut = false

  /** Examines the next bytes of the stream. If they are cut between frames, the result depends only on their content. */
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

  /** A hint for an error message, if the stream looks as if a pipe in text mode had changed it. */
  get hint(): string | undefined {
    if (this.#isRuledOut || this.#rewritten === 0) return undefined
    return (
      'Every line feed so far comes after a carriage return (CRLF): a pipe in text mode seems to have rewritten the bytes, ' +
      'as on Windows. Write the stream in binary mode, and join the two programs in cmd.exe.'
    )
  }
}
