import type { FrameOptions } from './frames.ts'

/** What a run does, known beforehand: `mixed` where it does one and then another. */
export type Truth = 'chaos' | 'contraction' | 'other' | 'mixed'

/** A kind of run with known truth, of which every seed is an instance. */
export interface Situation {
  readonly name: string
  readonly truth: Truth
  /** Verdicts that are true of it. */
  readonly right: readonly string[]
  /** Whether there is enough to see that it should be told; chaos must show beside that (`shows`). */
  readonly isDecidable: boolean
  readonly method: 'twin' | 'tangent' | 'local-linear'
  run(seed: number): Recorded
}

/** One instance: what members did, and what is known of it. */
export interface Recorded extends FrameOptions {
  /** Weights of each member at steps 0, 1, ... */
  readonly members: readonly (readonly Float64Array[])[]
  /** Logarithm of a tangent vector's growth at each step (Benettin), where it was followed. */
  readonly growth?: readonly number[]
  /** Tangent vectors to send, each as it was before a step's renormalisation, with the logarithm divided out of it. */
  readonly tangents?: readonly { readonly vector: Float64Array; readonly logScale: number }[]
}

interface Kind {
  readonly truth: Truth
  readonly right: string
  readonly isDecidable?: boolean
  readonly method?: Situation['method']
}

/** Situations of one kind by name; `right` holds verdicts, with spaces between. */
export function situations(
  { truth, right, isDecidable = true, method = 'twin' }: Kind,
  runs: { readonly [name: string]: (seed: number) => Recorded }
): Situation[] {
  return Object.entries(runs).map(([name, run]) => ({
    name,
    truth,
    right: right.split(' '),
    isDecidable,
    method,
    run,
  }))
}
