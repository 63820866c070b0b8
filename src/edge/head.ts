import { crc32 } from '../engine/state/crc32.ts'
import type { Blob } from './blob.ts'
import { Refusal } from './refusal.ts'

/** The answer to a piece. */
export interface Answer {
  readonly status: number
  /** The name that the piece gave its stream, if it begins one that joins the run. */
  readonly join?: string
  /** Absent if the answer is empty. */
  readonly blob?: Blob
}

/** A piece in the journal, as it came. */
export interface Journalled extends Blob {
  /** Whether it begins a stream that joins the run. */
  readonly joins: boolean
}

/** All that is known of a run between requests. It is small plain data, and is written completely with every piece. */
export interface Head {
  readonly version: 1
  readonly run: string
  /** Distinguishes the run from earlier and later ones of the same name. */
  readonly id: string
  /** Checksum of the settings with which the run began. */
  readonly settings: number
  /** Number of the next piece. */
  readonly expected: number
  /** Bytes of all pieces so far. */
  readonly posted: number
  /** The place in the stream from which a new instance continues: the offset, and the number of frames since `open`. */
  readonly offset: number
  readonly frames: number
  /** State of the run that is open at `offset`, if any. */
  readonly state?: Blob
  /** The pieces since `offset`. */
  readonly journal: readonly Journalled[]
  /** How many bytes of the journal new instances have read since the state was written. */
  readonly replayed: number
  /** Answers to the last pieces, the newest last. */
  readonly answers: readonly Answer[]
  /** The newest summary of each stage and scope. */
  readonly latest?: Blob
  /** The error that ended the run. */
  readonly ended?: { readonly code: string; readonly message: string }
  /** True while the run is being deleted. */
  readonly deleted?: true
}

export function newHead(run: string, settings: number): Head {
  return {
    version: 1,
    run,
    id: crypto.randomUUID(),
    settings,
    expected: 0,
    posted: 0,
    offset: 0,
    frames: 0,
    journal: [],
    replayed: 0,
    answers: [],
  }
}

/** How many bytes a new instance has to read again. */
export const journalBytes = ({ journal }: Head): number =>
  journal.reduce((sum, { bytes }) => sum + bytes, 0)

/** Every blob that a head names. */
export function blobsOf({ state, latest, journal, answers }: Head): Blob[] {
  return [state, latest, ...journal, ...answers.map(({ blob }) => blob)].filter(
    (blob) => blob !== undefined
  )
}

/** Encodes a head: eight digits of CRC-32, then the head as JSON. */
export function encodeHead(head: Head): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(head))
  const bytes = new Uint8Array(8 + json.length)
  bytes.set(new TextEncoder().encode(crc32(json).toString(16).padStart(8, '0')))
  bytes.set(json, 8)
  return bytes
}

/** @throws E_STATE if the head is damaged, or belongs to another version or run */
export function decodeHead(run: string, bytes: Uint8Array): Head {
  const refused = (why: string) =>
    new Refusal(
      'E_STATE',
      `what the store holds of run "${run}" is refused: ${why}. Delete it there.`
    )
  const json = bytes.subarray(8)
  const digits = new TextDecoder().decode(bytes.subarray(0, 8))
  if (digits !== crc32(json).toString(16).padStart(8, '0')) throw refused('its head is damaged')
  const head = JSON.parse(new TextDecoder().decode(json)) as Head
  if (head.version !== 1) throw refused(`its version is ${head.version}, expected 1`)
  if (head.run !== run) throw refused(`it is the head of run "${head.run}"`)
  return head
}
