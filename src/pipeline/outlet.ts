import type { AnalysedBlock } from '../engine/summary.ts'
import type { CreditGate } from './credit-gate.ts'
import type { Sink, SinkValue } from './sink.ts'

/**
 * A pipeline's sinks. A write takes a credit of the gate until it has settled. A sink that fails is written to no more;
 * the others get what is still to come and are closed in good order.
 */
export class Outlet {
  /** What the first sink to fail threw. */
  failure: unknown
  private readonly gate: CreditGate
  private readonly onFailure: () => void
  private readonly sinks: Sink[] = []
  private readonly failed = new Set<Sink>()
  private readonly pending = new Set<Promise<void>>()

  constructor(gate: CreditGate, onFailure: () => void) {
    this.gate = gate
    this.onFailure = onFailure
  }

  async open(sinks: readonly SinkValue[]): Promise<void> {
    for (const { definition, options } of sinks) {
      this.sinks.push(await definition.open(options as never))
    }
  }

  write(block: AnalysedBlock): void {
    if (block.summaries.length === 0) return
    for (const sink of this.sinks) {
      if (this.failed.has(sink)) continue
      this.gate.take()
      const written = this.attempt(sink, () => sink.write(block)).finally(() => {
        this.pending.delete(written)
        this.gate.give()
      })
      this.pending.add(written)
    }
  }

  /** Waits for all writes and closes every sink, the failed ones too. */
  async close(): Promise<void> {
    await Promise.all(this.pending)
    for (const sink of this.sinks) await this.attempt(sink, () => sink.close())
  }

  private async attempt(sink: Sink, act: () => void | Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.failure ??= error
      this.failed.add(sink)
      this.onFailure()
    }
  }
}
