import { type Payload, payloadBytes } from './frame.ts'

/** What one frame of a step carries: payloads of consecutive tensors. */
export interface Part {
  /** Tensor that `data[0]` belongs to. */
  readonly at: number
  readonly data: readonly Payload[]
}

/**
 * Splits a step's payloads into parts of at most `limit` bytes. A larger tensor becomes ranges, one per part, because no two
 * ranges fit into one part. Sparse values are cut between two indices. `elementBytes(i)` is the size of tensor i's elements.
 */
export function* split(
  payloads: readonly Payload[],
  limit: number,
  elementBytes: (tensor: number) => number
): Generator<Part, void, void> {
  let at = 0
  let bytes = 0
  let data: Payload[] = []
  for (const [i, payload] of payloads.entries()) {
    for (const piece of pieces(payload, limit, elementBytes(i))) {
      const size = payloadBytes(piece)
      if (bytes > 0 && bytes + size > limit) {
        yield { at, data }
        at = i
        bytes = 0
        data = []
      }
      data.push(piece)
      bytes += size
    }
  }
  yield { at, data }
}

function* pieces(payload: Payload, limit: number, size: number): Generator<Payload, void, void> {
  if (payloadBytes(payload) <= limit || payload === null) yield payload
  else if ('i' in payload) {
    const step = Math.max(1, Math.floor(limit / (4 + size)))
    for (let k = 0; k < payload.i.length / 4; k += step) {
      yield {
        i: payload.i.subarray(4 * k, 4 * (k + step)),
        v: payload.v.subarray(size * k, size * (k + step)),
      }
    }
  } else {
    const { o, b } = 'o' in payload ? payload : { o: 0, b: payload }
    const step = Math.max(1, Math.floor(limit / size))
    for (let k = 0; k < b.length / size; k += step) {
      yield { o: o + k, b: b.subarray(size * k, size * (k + step)) }
    }
  }
}
