import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import type { CreditGate } from './credit-gate.ts'
import type { Sink, SinkLength, SinkValue } from './sink.ts'

/**
 * A pipeline's sinks. Each write holds a credit of the gate until it settles. A sink that has failed is not written to any more;
 * the others get everything that follows and are closed properly.
 */
export class Outlet {
  /** What the first failing sink threw. */
  failure: unknown
  readonly #gate: CreditGate
  readonly #onFailure: () => void
  readonly #sinks: Sink[] = []
  readonly #failed = new Set<Sink>()
  readonly #pending = new Set<Promise<void>>()

  constructor(gate: CreditGate, onFailure: () => void) {
    this.#gate = gate
    this.#onFailure = onFailure
  }

  /** @param lengths the length from which each sink continues, if it does */
  async open(
    sinks: readonly SinkValue[],
    specs: SummarySpecs,
    lengths: readonly (SinkLength | null)[] = []
  ): Promise<void> {
    for (const [i, { definition, options }] of sinks.entries()) {
      const context = { specs, length: lengths[i] ?? undefined }
      this.#sinks.push(await definition.open(options as never, context))
    }
  }

  /** Waits for all writes, and returns the length of each sink that has one. */
  async lengths(): Promise<(SinkLength | null)[]> {
    await Promise.all(this.#pending)
    return Promise.all(this.#sinks.map(async (sink) => (await sink.length?.()) ?? null))
  }

  write(block: AnalysedBlock): void {
    if (block.summaries.length === 0) return
    for (const sink of this.#sinks) {
      if (this.#failed.has(sink)) continue
      this.#gate.take()
      const written = this.#attempt(sink, () => sink.write(block)).finally(() => {
        this.#pending.delete(written)
        this.#gate.give()
      })
      this.#pending.add(written)
    }
  }

  /** Waits for all writes and closes every sink, including those that failed. */
  async close(): Promise<void> {
    await Promise.all(this.#pending)
    for (const sink of this.#sinks) await this.#attempt(sink, () => sink.close())
  }

  async #attempt(sink: Sink, act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.failure ??= error
      this.#failed.add(sink)
      this.#onFailure()
    }
  }
}
