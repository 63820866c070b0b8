import { plain } from '../../plain.ts'

/** How many messages may wait. More are left out, and their number is reported when the courier closes. */
const mostWaiting = 64

/** Posts messages one after another, without delaying anything else. It never throws; the first failure is reported once. */
export class Courier {
  readonly #url: string
  readonly #timeoutMs: number
  readonly #waiting: string[] = []
  #work: Promise<void> | undefined
  #failed = 0
  #dropped = 0

  constructor(url: string, timeoutMs: number) {
    this.#url = url
    this.#timeoutMs = timeoutMs
  }

  send(body: string): void {
    if (this.#waiting.length >= mostWaiting) {
      this.#dropped++
      return
    }
    this.#waiting.push(body)
    this.#work ??= this.#deliver()
  }

  /** Waits for messages that are being sent, but no longer than a request may take. */
  async close(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#timeoutMs)
    })
    await Promise.race([this.#work, late])
    clearTimeout(timer)
    this.#dropped += this.#waiting.splice(0).length
    if (this.#failed + this.#dropped === 0) return
    say(`${this.#failed} of its messages failed, ${this.#dropped} were left out`)
  }

  async #deliver(): Promise<void> {
    for (let body = this.#waiting.shift(); body !== undefined; body = this.#waiting.shift()) {
      try {
        await this.#post(body)
      } catch (error) {
        if (this.#failed++ === 0) say(`a message was not delivered: ${reasonOf(error)}`)
      }
    }
    this.#work = undefined
  }

  async #post(body: string): Promise<void> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(this.#timeoutMs),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`status ${response.status}`)
  }
}

/** The cause of a `fetch` error, without the URL, because it is a secret. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error
  return (cause as { code?: string } | undefined)?.code ?? message
}

function say(what: string): void {
  process.stderr.write(`${plain(`thalweg: sink webhook: ${what}. The run goes on.`)}\n`)
}
