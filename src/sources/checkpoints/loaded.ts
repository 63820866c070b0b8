import { ThalwegError } from '../../error.ts'

/** A tensor in memory. */
export interface Held {
  readonly shape: readonly number[]
  readonly values: Float32Array | Float64Array
}

/** What a checkpoint holds. */
export interface Loaded {
  readonly tensors: Map<string, Held>
  /** Its step, where it says one itself. */
  readonly step: number | undefined
}

export function refused(path: string, why: string): ThalwegError {
  return new ThalwegError(
    'E_INPUT',
    `checkpoint "${path}" cannot be read: ${why}. Give a whole checkpoint, or move it out of the folder.`
  )
}
