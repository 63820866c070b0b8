/**
 * What one stage offers to later ones that name it in `on`: facts that are known before memory is reserved for a run, and a handle
 * on what the stage keeps, on the same shard and scope.
 */
export interface Port<Facts = unknown, Handle = unknown> {
  readonly name: string
  /** One sentence for documentation. */
  readonly means: string
  /** Carries types only; the property is never set. */
  readonly types?: { readonly facts: Facts; readonly handle: Handle }
}

export type Ports = { readonly [name: string]: Port }

// biome-ignore lint/complexity/noBannedTypes: it has no keys
export type NoPorts = {}

export type FactsOf<P extends Ports> = {
  readonly [K in keyof P]: P[K] extends Port<infer Facts, unknown> ? Facts : never
}

/** The id of the stage that offers each port. */
export type SourcesOf<P extends Ports> = { readonly [K in keyof P]?: string }

export type HandlesOf<P extends Ports> = {
  readonly [K in keyof P]: P[K] extends Port<unknown, infer Handle> ? Handle : never
}

export function definePort<Facts, Handle>(port: {
  readonly name: string
  readonly means: string
}): Port<Facts, Handle> {
  return port
}
