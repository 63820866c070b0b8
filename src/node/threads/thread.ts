import { Worker } from 'node:worker_threads'
import type { AnalysedBlock } from '../../engine/summary.ts'
import type { Assignment, Message, Reply, Request } from './protocol.ts'

// The entry is the compiled file beside this one, or the source file when running from source.
const entry = new URL(import.meta.url.endsWith('.ts') ? 'worker.ts' : 'worker.js', import.meta.url)

// All objects outside the shard are small and short-lived. Without a limit, V8 would let them grow to 40 MiB before collecting
// them.
const resourceLimits = { maxYoungGenerationSizeMb: 3 }

/** A worker thread. It handles requests one after another and sends one reply to each. If it has died, it still replies. */
export class Thread {
  readonly #worker: Worker
  readonly #waiting: ((reply: Reply) => void)[] = []
  #lastReply: Reply | undefined

  /**
   * @param emit receives the blocks that it analyses
   * @param onDeath called if it ends before it was told to
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
