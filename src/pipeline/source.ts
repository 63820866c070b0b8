import type { Fields, Options, OptionsInput } from '../spec/fields.ts'

export interface SourceDefinition<F extends Fields = Fields> {
  readonly type: string
  /** One sentence for lists and tables. */
  readonly summary: string
  readonly options: F
  /** Whether `open` can begin at any byte with these options. A source without it begins where it likes. */
  seeks?(options: Options<F>): boolean
  /**
   * Begins to read. The bytes come in chunks of any size, and each chunk is used before the next one is requested. When the
   * signal aborts, the source ends early and releases what it holds.
   *
   * @param from first byte, for a source that can seek
   */
  open(options: Options<F>, signal: AbortSignal, from?: number): AsyncIterable<Uint8Array>
}

/** A source as a pipeline names it. */
export interface SourceValue {
  readonly definition: SourceDefinition
  readonly options: { readonly [name: string]: unknown }
}

export interface SourceFactory<F extends Fields> {
  (options?: OptionsInput<F>): SourceValue
  readonly kind: 'source'
  readonly definition: SourceDefinition<F>
}

/**
 * Makes the factory of a source from its definition.
 *
 * @example
 * ```ts
 * export const download = defineSource({
 *   type: 'download',
 *   summary: 'A stream from an address.',
 *   options: { url: fields.string({ description: 'where it is', required: true }) },
 *   async *open({ url }, signal) {
 *     const { body } = await fetch(url, { signal })
 *     if (body) yield* body
 *   },
 * })
 * ```
 */
export function defineSource<const F extends Fields>(
  definition: SourceDefinition<F>
): SourceFactory<F> {
  const factory = (options: OptionsInput<F> = {}): SourceValue => ({
    definition: definition as unknown as SourceDefinition,
    options,
  })
  return Object.assign(factory, { kind: 'source' as const, definition })
}
