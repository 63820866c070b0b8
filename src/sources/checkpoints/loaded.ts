import { ThalwegError } from '../../error.ts'

/** A tensor in memory. */
export interface Held {
  readonly shape: readonly number[]
  readonly values: Float32Array | Float64Array
}

/** The contents of a checkpoint. */
export interface Loaded {
  readonly tensors: Map<string, Held>
  /** Its step, if the checkpoint itself says it. */
  readonly step: number | undefined
}

export function refused(path: string, why: string): ThalwegError {
  return new ThalwegError(
    'E_INPUT',
    `checkpoint "${path}" cannot be read: ${why}. Give a whole checkpoint, or move it out of the folder.`
  )
}
