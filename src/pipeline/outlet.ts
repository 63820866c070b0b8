import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import type { CreditGate } from './credit-gate.ts'
import type { Sink, SinkLength, SinkValue } from './sink.ts'

/**
 * A pipeline's sinks. A write takes a credit of the gate until it has settled. A sink that fails is written to no more;
 * the others get what is still to come and are closed in good order.
 */
export class Outlet {
  /** What the first sink to fail threw. */
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

  /** @param lengths what each sink goes on after, where it does */
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

  /** Waits for all writes; gives the length of each sink that has one. */
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

  /** Waits for all writes and closes every sink, the failed ones too. */
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
