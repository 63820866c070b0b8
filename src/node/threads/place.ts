import { type Frame, type Payload, payloadBytes } from '../../wire/frame.ts'

/** Size in bytes of all payloads in a frame. */
export function bytesIn(frame: Frame): number {
  return 'data' in frame ? frame.data.reduce((sum, payload) => sum + payloadBytes(payload), 0) : 0
}

/** Copies a frame's payloads into shared memory, so that only little has to be sent between threads. */
export function placed(frame: Frame, room: Uint8Array): Frame {
  if (!('data' in frame)) return frame
  let at = 0
  const put = (bytes: Uint8Array): Uint8Array => {
    const copy = room.subarray(at, at + bytes.length)
    copy.set(bytes)
    at += bytes.length
    return copy
  }
  const data = frame.data.map((payload): Payload => {
    if (payload === null) return null
    if (payload instanceof Uint8Array) return put(payload)
    return 'o' in payload
      ? { o: payload.o, b: put(payload.b) }
      : { i: put(payload.i), v: put(payload.v) }
  })
  // A copy, because a view would be sent with its whole buffer.
  return frame.kind === 'tangent'
    ? { ...frame, data, reset: frame.reset?.slice() }
    : { ...frame, data }
}
