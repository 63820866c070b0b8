/**
 * What one stage hands to later ones that name it in `on`: facts that are known before a run is given memory, and a handle
 * on what the stage keeps, on the same shard and scope.
 */
export interface Port<Facts = unknown, Handle = unknown> {
  readonly name: string
  /** One sentence for documentation. */
  readonly means: string
  /** Types alone: nothing is there. */
  readonly types?: { readonly facts: Facts; readonly handle: Handle }
}

export type Ports = { readonly [name: string]: Port }

// biome-ignore lint/complexity/noBannedTypes: it has no keys
export type NoPorts = {}

export type FactsOf<P extends Ports> = {
  readonly [K in keyof P]: P[K] extends Port<infer Facts, unknown> ? Facts : never
}

/** Which stage offers each port, by its id. */
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
