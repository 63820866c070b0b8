import { Packr } from 'msgpackr/pack'
import { ThalwegError } from '../../src/error.ts'
import type { Frame } from '../../src/wire/frame.ts'
import type { Limits } from '../../src/wire/limits.ts'
import { FrameReader, type StreamEnd } from '../../src/wire/reader.ts'

const packr = new Packr({ useRecords: false, variableMapSize: true })

/** MessagePack of a value, by msgpackr alone. */
export function pack(value: unknown): Uint8Array {
  return new Uint8Array(packr.pack(value))
}

/** Bytes one after another; numbers are single bytes. */
export function bytes(...parts: (Uint8Array | number | string)[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => {
      if (typeof part === 'number') return [part]
      return [...(typeof part === 'string' ? new TextEncoder().encode(part) : part)]
    })
  )
}

/** A stream of these frames, each packed by msgpackr. */
export function stream(...frames: object[]): Uint8Array {
  return bytes(...frames.map(pack))
}

/** An `open` of one f32 tensor `w` of shape [3], with these changes. */
export function open(changes: object = {}): object {
  return {
    kind: 'open',
    version: 1,
    run: 'r',
    tensors: [{ name: 'w', shape: [3], dtype: 'f32' }],
    ...changes,
  }
}

export function f32(...numbers: number[]): Uint8Array {
  return new Uint8Array(Float32Array.from(numbers).buffer)
}

export function u32(...numbers: number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(numbers).buffer)
}

/** A delta of three f32, with these changes. */
export function delta(changes: object = {}): object {
  return { kind: 'delta', step: 1, data: [f32(1, 2, 3)], ...changes }
}

export interface Reading {
  readonly frames: readonly Frame[]
  readonly end?: StreamEnd
  readonly error?: { readonly code: string; readonly message: string; readonly offset?: number }
}

/** Reads a stream that comes in chunks of the sizes that `size` gives; frames are copied as they come. */
export function read(
  stream: Uint8Array,
  size: () => number = () => stream.length,
  limits: Partial<Limits> = {}
): Reading {
  const reader = new FrameReader(limits)
  const frames: Frame[] = []
  try {
    for (let at = 0; at < stream.length; ) {
      const to = Math.min(stream.length, at + Math.max(1, size()))
      // A chunk of its own, as a pipe gives it, that is gone as soon as the next one comes.
      const chunk = stream.slice(at, to)
      reader.push(chunk)
      for (let frame = reader.next(); frame; frame = reader.next()) frames.push(copied(frame))
      chunk.fill(0xc1)
      at = to
    }
    return { frames, end: reader.end() }
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    const { code, message, offset } = error
    return { frames, error: { code, message, ...(offset === undefined ? {} : { offset }) } }
  }
}

/** A frame whose payloads are copies. */
function copied(value: unknown): Frame {
  const copy = (item: unknown): unknown => {
    if (item instanceof Uint8Array) return item.slice()
    if (Array.isArray(item)) return item.map(copy)
    if (typeof item !== 'object' || item === null) return item
    return Object.fromEntries(Object.entries(item).map(([key, each]) => [key, copy(each)]))
  }
  return copy(value) as Frame
}

/** Numbers in [0, 1) that are a function of the seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Chunk sizes that between them meet every kind of cut. */
export function chunkings(seed: number): readonly { name: string; size: () => number }[] {
  const next = random(seed)
  return [
    { name: 'single bytes', size: () => 1 },
    { name: 'three bytes', size: () => 3 },
    { name: 'up to 40 bytes', size: () => 1 + Math.floor(40 * next()) },
    { name: 'up to 1,000 bytes', size: () => 1 + Math.floor(1000 * next()) },
  ]
}
