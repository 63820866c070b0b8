/** What a stream may ask of its reader. */
export interface Limits {
  /** Largest frame in bytes; also the most bytes that a frame's arrays of numbers may widen to. */
  readonly frameBytes: number
  /** Most tensors in a run. */
  readonly tensors: number
  /** Most members in a run. */
  readonly members: number
}

export const defaultLimits: Limits = { frameBytes: 64 * 2 ** 20, tensors: 65_536, members: 64 }
