import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** The result of a test file, and what it printed. */
export interface Result extends Counts {
  readonly text: string
}

/** Marks the end of a file's output on stdout. After it come the counts as JSON, up to the end of the line. */
export const mark = '\x1e'

const limitMs = 600_000

/** Runs test files one after another in a separate process. If a file crashes or hangs, only that file fails. */
export class Lane {
  #child: ChildProcess | undefined

  async run(file: string): Promise<Result> {
    if (!this.#child?.connected) {
      this.#child = fork(fileURLToPath(new URL('./program.ts', import.meta.url)), {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      })
    }
    const child = this.#child
    const stdout = child.stdout!.setEncoding('utf8').removeAllListeners('data')
    const stderr = child.stderr!.setEncoding('utf8').removeAllListeners('data')
    let [text, errors] = ['', '']
    let why = 'its process ended'
    const timer = setTimeout(() => {
      why = `it did not finish within ${limitMs / 1000} s`
      child.kill('SIGKILL')
    }, limitMs)
    child.send(file)
    const result = await new Promise<Result>((done) => {
      const died = (): void =>
        done({ text: `${text}\n  ${file} failed: ${why}\n`, passed: 0, failed: 1, skipped: 0 })
      stdout.on('data', (chunk) => {
        text += chunk
        const end = text.indexOf(mark)
        if (end < 0 || !text.endsWith('\n')) return
        child.off('close', died)
        done({ text: text.slice(0, end), ...JSON.parse(text.slice(end + 1)) })
      })
      stderr.on('data', (chunk) => {
        errors += chunk
      })
      child.once('close', died)
    })
    clearTimeout(timer)
    return { ...result, text: `${file}\n${result.text}${errors}` }
  }

  async end(): Promise<void> {
    if (!this.#child?.connected) return
    this.#child.disconnect()
    await once(this.#child, 'exit')
  }
}
