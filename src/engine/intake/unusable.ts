import { type ErrorCode, ThalwegError } from '../../error.ts'
import { quoted } from '../../plain.ts'
import { numbersOf } from '../../wire/dtype.ts'
import type { Dtype, Payload } from '../../wire/frame.ts'

/**
 * Values of this size or more are as useless as NaN. Weights, and what stages keep of them, are f32. With this limit, rows of a
 * factor and norms of a weight's moves over all steps stay below 2^128 for 2^53 steps, and sums of squares stay far below the
 * largest f64.
 */
const valueLimit = 2 ** 100

/** What is wrong with a payload that cannot be used. It is plain data and saved unchanged. */
export interface Unusable {
  /** Name of the first tensor with such a value. */
  readonly tensor: string
  readonly kind: 'non-finite' | 'too-large'
}

/** Classifies what a kernel has found in a payload. */
export function kindOf(payload: Payload, dtype: Dtype): Unusable['kind'] {
  if (payload === null) return 'non-finite'
  const values = payload instanceof Uint8Array ? payload : 'o' in payload ? payload.b : payload.v
  for (const value of numbersOf(values, dtype)) {
    if (!Number.isFinite(value)) return 'non-finite'
    if (Math.abs(value) >= valueLimit) break
  }
  return 'too-large'
}

const words = {
  'non-finite': 'a NaN or an infinity',
  'too-large': 'a value beyond 2^100 (1.27e30), too large for sums and squares',
} as const

const codes: Readonly<Record<Unusable['kind'], ErrorCode>> = {
  'non-finite': 'E_NONFINITE',
  'too-large': 'E_TOO_LARGE',
}

/** The message about a payload that cannot be used, naming its tensor and its frame. */
export function unusableText(
  { tensor, kind }: Unusable,
  frame: { readonly kind: string; readonly member: number; readonly step: number }
): string {
  return `member ${frame.member}, step ${frame.step}: tensor ${quoted(tensor)} of the ${frame.kind} holds ${words[kind]}`
}

export function unusableError({ kind }: Unusable, what: string, offset: number): ThalwegError {
  return new ThalwegError(
    codes[kind],
    `${what}. Look at the learning rate and the loss there; "nonFinite": "drop" leaves such steps out.`,
    { offset }
  )
}
