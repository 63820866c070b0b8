import type { ParsedStage, Settings } from '../../engine/settings/settings.ts'
import type { AnalysedBlock } from '../../engine/summary.ts'
import { type ErrorCode, ThalwegError } from '../../error.ts'
import type { Loaded } from '../../pipeline/analyst.ts'
import type { Frame } from '../../wire/frame.ts'

/** A stage of the run, whose definition the thread finds by its type. */
export interface AssignedStage extends Omit<ParsedStage, 'definition'> {
  readonly type: string
  /** The module that has it, where it does not ship with the package. */
  readonly module?: string
}

/** What a thread is told when it starts. */
export interface Assignment {
  /** The shard that is its own. */
  readonly shard: number
  readonly shards: number
  /** Where the threads meet. */
  readonly meeting: SharedArrayBuffer
  readonly settings: Omit<Settings, 'stages'>
  readonly stages: readonly AssignedStage[]
}

/** What all threads are asked in the same order; payloads lie in shared memory until the reply. */
export type Request =
  | { readonly kind: 'frame'; readonly frame: Frame }
  | { readonly kind: 'end'; readonly failure?: PackedError }
  /** The next bytes of a state, and their end. */
  | { readonly kind: 'load'; readonly chunk: Uint8Array; readonly join: 'next' | 'earlier' }
  | { readonly kind: 'loaded'; readonly join: 'next' | 'earlier' }
  /** Begins to save; the chunks of a thread's part are asked for one by one. */
  | { readonly kind: 'save'; readonly host: unknown }
  | { readonly kind: 'chunk' }

/** How far a thread's run is; `number` counts the runs of the stream. */
export interface Standing {
  readonly number: number
  readonly blocks: number
}

/** A thread's answer to one request: the last thing it says of it. It has failed as all have, or broken off for another. */
export type Reply =
  | {
      readonly kind: 'done'
      readonly run?: Standing
      readonly loaded?: Loaded
      /** Absent after the last one. */
      readonly chunk?: Uint8Array
    }
  | { readonly kind: 'failed'; readonly error: PackedError }
  | { readonly kind: 'broken' }

/** What a thread says: summaries come from the first one only. */
export type Message =
  | Reply
  | { readonly kind: 'block'; readonly block: Omit<AnalysedBlock, 'columns' | 'open'> }

/** An error as it goes from thread to thread; one that is not ours as text. */
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
