import type { AnalysedBlock, SummarySpecs } from '../engine/summary.ts'
import type { Fields, Options, OptionsInput } from '../spec/fields.ts'

/** How far a sink has come: bytes of its file, or a number for each of its files by name. Saved as JSON. */
export type SinkLength = number | Readonly<Record<string, number>>

/** Where summaries go. */
export interface Sink {
  /**
   * Takes a block's summaries. What it returns settles when they are out of memory, and only then counts as done, so
   * that a slow sink slows the trainer down instead of filling memory.
   *
   * @throws E_OUTPUT when they cannot be written, E_PIPE when nobody reads them any more
   */
  write(block: AnalysedBlock): void | Promise<void>
  /**
   * How far it has come, all of it durable now; where it is a file or several, which can be cut to this length and written
   * on. Called when every write has settled.
   */
  length?(): Promise<SinkLength>
  /** Flushes and lets go; called once, after errors and signals too. */
  close(): void | Promise<void>
}

export interface SinkDefinition<F extends Fields = Fields> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  readonly options: F
  open(options: Options<F>, context: SinkContext): Sink | Promise<Sink>
}

/** What a sink is told when it opens. */
export interface SinkContext {
  /** What is known of each figure that will come, by the type of its summary. */
  readonly specs: SummarySpecs
  /** Cuts what is there to this length and writes on; without it a sink begins anew. */
  readonly length?: SinkLength
}

/** A sink as it stands in a pipeline. */
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
