// A client that posts a stream piece by piece, and what the engine makes of the same stream in one go.
import { from } from 'rxjs'
import { type HandlerOptions, handler } from '../../src/edge/handler.ts'
import type { Store } from '../../src/edge/store.ts'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { analyseWith } from '../../src/engine/analyse.ts'
import { summaryLine } from '../../src/engine/summary.ts'
import { parsePipeline } from '../../src/pipeline/pipeline.ts'
import type { StageValue } from '../../src/stage/define.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { ftle } from '../../src/stages/ftle/index.ts'
import { health } from '../../src/stages/health/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { FrameReader } from '../../src/wire/reader.ts'

export const stages = [health, svd, cmd, ftle] as const

/** Two members, every kind of stage, blocks of four. */
export const pipeline = {
  block: 4,
  emit: { every: 1 },
  stages: [
    { type: 'svd', rank: 3, columns: 6 },
    { type: 'cmd', modes: 2, warmup: 4, samples: 32 },
    { type: 'ftle', method: 'twin', window: 8 },
  ],
}

export type Fetch = (request: Request) => Promise<Response>

export interface Answered {
  readonly status: number
  readonly text: string
  readonly expected: string | null
  readonly headers: Headers
}

export const origin = 'https://thalweg.test'

export function edge(store: Store, more: Partial<HandlerOptions> = {}, json: object = pipeline) {
  return handler(json, { stages, store, authorize: () => true, report: () => {}, ...more })
}

/** A server that fails after piece 5, and the one behind it that has lost that piece. */
export function failover(json: object): Fetch {
  const [first, second] = [0, 0].map(() => edge(memoryStore(), {}, json))
  let pieces = 0
  return async (request) => {
    const copy = request.clone()
    const n = pieces++
    if (n > 5) return second!(request)
    if (n < 5) await second!(copy)
    return first!(request)
  }
}

export async function answered(response: Response): Promise<Answered> {
  return {
    status: response.status,
    text: await response.text(),
    expected: response.headers.get('Thalweg-Expected'),
    headers: response.headers,
  }
}

export function piece(
  run: string,
  sequence: number | string,
  body: Uint8Array | ReadableStream<Uint8Array> | string,
  headers: Record<string, string> = {}
): Request {
  return new Request(`${origin}/runs/${run}/frames`, {
    method: 'POST',
    body: body as RequestInit['body'],
    headers: {
      'Content-Type': 'application/x-thalweg',
      'Thalweg-Sequence': String(sequence),
      ...(body instanceof Uint8Array ? { 'Content-Length': String(body.length) } : {}),
      ...headers,
    },
    duplex: 'half',
  } as RequestInit)
}

export const post = async (fetch: Fetch, ...of: Parameters<typeof piece>): Promise<Answered> =>
  answered(await fetch(piece(...of)))

export const ask = async (
  fetch: Fetch,
  path: string,
  method = 'GET',
  headers: Record<string, string> = {}
): Promise<Answered> => answered(await fetch(new Request(`${origin}${path}`, { method, headers })))

export const codeOf = ({ text }: Answered): string =>
  (JSON.parse(text.trimEnd().split('\n').at(-1)!) as { error: { code: string } }).error.code

/** Pieces of a stream that end at these places. */
export function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places, stream.length]
  return ends.map((end, i) => stream.subarray(i === 0 ? 0 : ends[i - 1]!, end))
}

/** `count` places in a stream, in order. */
export function randomPlaces(length: number, count: number, next: () => number): number[] {
  const places = Array.from({ length: count }, () => Math.floor(((next() + 1) / 2) * length))
  return places.sort((a, b) => a - b)
}

/** All lines that the engine makes of a stream; what ends it early is left out. */
export function engineLines(
  stream: Uint8Array,
  json: object = pipeline,
  known: readonly (() => StageValue)[] = stages
): string[] {
  const registry = { stages: known.map((stage) => stage()), sources: [], sinks: [] }
  const { settings } = parsePipeline(json, registry)
  const lines: string[] = []
  function* frames(): Generator<Frame> {
    const reader = new FrameReader(settings.limits)
    reader.push(stream)
    for (let frame = reader.next(); frame; frame = reader.next()) yield frame
  }
  from(frames())
    .pipe(analyseWith(settings))
    .subscribe({
      next: ({ summaries }) => lines.push(...summaries.map(summaryLine)),
      error: () => {},
    })
  return lines
}

/** A store that counts the bytes that go in and out. */
export function counted(store: Store): Store & { in: number; out: number; readonly moved: number } {
  const counts = {
    in: 0,
    out: 0,
    get moved() {
      return counts.in + counts.out
    },
  }
  const counting: Store = {
    async head(run) {
      const head = await store.head(run)
      counts.out += head?.bytes.length ?? 0
      return head
    },
    compareAndSet(run, revision, head) {
      counts.in += head.length
      return store.compareAndSet(run, revision, head)
    },
    putChunk(run, name, bytes) {
      counts.in += bytes.length
      return store.putChunk(run, name, bytes)
    },
    async getChunk(run, name) {
      const bytes = await store.getChunk(run, name)
      counts.out += bytes?.length ?? 0
      return bytes
    },
    delete: (run, names) => store.delete(run, names),
  }
  return Object.assign(counts, counting)
}
