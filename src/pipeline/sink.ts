import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import type { Fields, Options, OptionsInput } from '../spec/fields.ts'

/** How much a sink has written: the bytes of its file, or a number for each of its files by name. Saved as JSON. */
export type SinkLength = number | Readonly<Record<string, number>>

/** Receives summaries and writes them somewhere. */
export interface Sink {
  /**
   * Takes a block's summaries. The promise that it returns settles when they are out of memory. Only then does the write count as
   * done, so a slow sink slows the trainer down instead of filling memory.
   *
   * @throws E_OUTPUT if they cannot be written, E_PIPE if nobody reads them any more
   */
  write(block: AnalysedBlock): void | Promise<void>
  /**
   * How much has been written so far, all of it durable by now. Only for sinks of one or more files that can be cut to this
   * length and continued. Called when every write has settled.
   */
  length?(): Promise<SinkLength>
  /** Flushes and releases everything. Called once, also after errors and signals. */
  close(): void | Promise<void>
}

export interface SinkDefinition<F extends Fields = Fields> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  readonly options: F
  open(options: Options<F>, context: SinkContext): Sink | Promise<Sink>
}

/** What a sink is given when it opens. */
export interface SinkContext {
  /** What is known of each figure that will come, by the type of its summary. */
  readonly specs: SummarySpecs
  /** Cut the existing output to this length and continue. Without it the sink begins anew. */
  readonly length?: SinkLength
}

/** A sink as a pipeline names it. */
export interface SinkValue {
  readonly definition: SinkDefinition
  readonly options: { readonly [name: string]: unknown }
}

export interface SinkFactory<F extends Fields> {
  (options?: OptionsInput<F>): SinkValue
  readonly kind: 'sink'
  readonly definition: SinkDefinition<F>
}

/**
 * Makes the factory of a sink from its definition.
 *
 * @example
 * ```ts
 * export const counter = defineSink({
 *   type: 'counter',
 *   summary: 'Counts summaries.',
 *   options: {},
 *   open: () => {
 *     let count = 0
 *     return {
 *       write: ({ summaries }) => void (count += summaries.length),
 *       close: () => console.error(`${count} summaries`),
 *     }
 *   },
 * })
 * ```
 */
export function defineSink<const F extends Fields>(definition: SinkDefinition<F>): SinkFactory<F> {
  const factory = (options: OptionsInput<F> = {}): SinkValue => ({
    definition: definition as unknown as SinkDefinition,
    options,
  })
  return Object.assign(factory, { kind: 'sink' as const, definition })
}
