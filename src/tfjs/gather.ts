/** Chunks are joined up to this many bytes: copying them costs less than another write. */
const room = 1 << 20

/**
 * Joins small chunks in a reused buffer, so that many tensors need few writes. Each chunk that comes out is valid until the next
 * one is requested.
 */
export function gatherer(): (chunks: readonly Uint8Array[]) => Generator<Uint8Array> {
  let buffer = new Uint8Array(0)
  const copied = (chunks: readonly Uint8Array[], bytes: number): Uint8Array => {
    if (buffer.length < bytes) buffer = new Uint8Array(bytes)
    let at = 0
    for (const chunk of chunks) {
      buffer.set(chunk, at)
      at += chunk.length
    }
    return buffer.subarray(0, bytes)
  }
  return function* gather(chunks) {
    let from = 0
    while (from < chunks.length) {
      let to = from + 1
      let bytes = chunks[from]!.length
      while (to < chunks.length && bytes + chunks[to]!.length <= room) bytes += chunks[to++]!.length
      yield to === from + 1 ? chunks[from]! : copied(chunks.slice(from, to), bytes)
      from = to
    }
  }
}
