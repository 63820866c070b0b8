import type { ParsedStage, Settings } from '../../engine/settings/settings.ts'
import type { AnalysedBlock } from '../../engine/summary.ts'
import { type ErrorCode, ThalwegError } from '../../error.ts'
import type { Loaded } from '../../pipeline/analyst.ts'
import type { Frame } from '../../wire/frame.ts'

/** A stage of the run. The thread finds its definition by the type. */
export interface AssignedStage extends Omit<ParsedStage, 'definition'> {
  readonly type: string
  /** The module that exports it, if it does not ship with the package. */
  readonly module?: string
}

/** The data with which a thread starts. */
export interface Assignment {
  /** The shard of this thread. */
  readonly shard: number
  readonly shards: number
  /** The buffer of the meeting at which threads exchange vectors. */
  readonly meeting: SharedArrayBuffer
  readonly settings: Omit<Settings, 'stages'>
  readonly stages: readonly AssignedStage[]
}

/** A request that all threads get in the same order. Payloads are in shared memory until the reply. */
export type Request =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'end'; readonly failure?: PackedError }
  /** The next bytes of a state, and then their end. */
  | { readonly kind: 'load'; readonly chunk: Uint8Array; readonly join: 'next' | 'earlier' }
  | { readonly kind: 'loaded'; readonly join: 'next' | 'earlier' }
  /** Begins to save. The chunks of a thread's part are requested one by one. */
  | { readonly kind: 'save'; readonly host: unknown }
  | { readonly kind: 'chunk' }

/** The progress of a thread's run. `number` counts the runs of the stream. */
export interface Standing {
  readonly number: number
  readonly blocks: number
}

/**
 * A thread's reply to a request, its last message about it. `failed`: it failed, as all threads do. `broken`: it stopped because
 * another thread failed.
 */
export type Reply =
  | {
      readonly kind: 'done'
      readonly run?: Standing
      readonly loaded?: Loaded
      /** Absent after the last chunk. */
      readonly chunk?: Uint8Array
    }
  | { readonly kind: 'failed'; readonly error: PackedError }
  | { readonly kind: 'broken' }

/** A thread's message. Only the first thread sends summaries. */
export type Message =
  | Reply
  | { readonly kind: 'block'; readonly block: Omit<AnalysedBlock, 'columns' | 'open'> }

/** An error that can be sent between threads. An error that is not ours is sent as text. */
export type PackedError =
  | {
      readonly code: ErrorCode
      readonly message: string
      readonly offset: number | undefined
      readonly path: string | undefined
    }
  | string

export function packError(error: unknown): PackedError {
  if (!(error instanceof ThalwegError)) return String(error)
  const { code, message, offset, path } = error
  return { code, message, offset, path }
}

export function unpackError(packed: PackedError): unknown {
  if (typeof packed === 'string') return packed
  const { code, message, offset, path } = packed
  return Object.assign(new ThalwegError(code, '', { offset, path }), { message })
}
