/** The largest amounts that a reader accepts from a stream. */
export interface Limits {
  /** Largest frame, in bytes. Also the limit on the bytes that a frame's arrays of numbers take once decoded. */
  readonly frameBytes: number
  /** Most tensors in a run. */
  readonly tensors: number
  /** Most members in a run. */
  readonly members: number
}

export const defaultLimits: Limits = { frameBytes: 64 * 2 ** 20, tensors: 65_536, members: 64 }
