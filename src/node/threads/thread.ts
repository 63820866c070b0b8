import { Worker } from 'node:worker_threads'
import type { AnalysedBlock } from '../../engine/summary.ts'
import type { Assignment, Message, Reply, Request } from './protocol.ts'

// The entry is compiled beside this file, or is its source where the source runs.
const entry = new URL(import.meta.url.endsWith('.ts') ? 'worker.ts' : 'worker.js', import.meta.url)

// All that it makes outside of its shard is small and short-lived; V8 would let that grow to 40 MiB before it looks.
const resourceLimits = { maxYoungGenerationSizeMb: 3 }

/** A worker thread. It answers requests one after another, each with one reply, even when it has died. */
export class Thread {
  readonly #worker: Worker
  readonly #waiting: ((reply: Reply) => void)[] = []
  #lastReply: Reply | undefined

  /**
   * @param emit takes the blocks that it analyses
   * @param onDeath called when it has ended before it was told to
   */
  constructor(assignment: Assignment, emit: (block: AnalysedBlock) => void, onDeath: () => void) {
    this.#worker = new Worker(entry, { workerData: assignment, resourceLimits })
    const die = (error: string): void => {
      if (this.#lastReply) return
      this.#lastReply = { kind: 'failed', error }
      onDeath()
      for (const settle of this.#waiting.splice(0)) settle(this.#lastReply)
    }
    this.#worker.on('message', (message: Message) => {
      if (message.kind === 'block') emit({ ...message.block, columns: [] })
      else this.#waiting.shift()!(message)
    })
    this.#worker.on('error', (error) => die(String(error)))
    this.#worker.on('exit', (code) => die(`it ended with exit code ${code}`))
  }

  ask(request: Request): Promise<Reply> {
    if (this.#lastReply) return Promise.resolve(this.#lastReply)
    return new Promise((resolve) => {
      this.#waiting.push(resolve)
      this.#worker.postMessage(request)
    })
  }

  async end(): Promise<void> {
    await this.#worker.terminate()
  }
}
