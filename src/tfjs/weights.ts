/** A weight tensor that training changes in place. */
export interface Weight {
  readonly name: string
  readonly shape: readonly number[]
  /** What the weight is in its layer: `kernel`, `bias`, `gamma`, ... */
  readonly role?: string
  readonly trainable: boolean
  /** Its values as they are now, flat and in row-major order; only looked at before training goes on. */
  read(): Promise<Float32Array>
}

/** As much of a TF.js model as is looked at. */
export interface LayersModel {
  readonly weights: readonly LayerVariable[]
}

interface LayerVariable {
  readonly name: string
  readonly originalName: string
  readonly shape: readonly (number | null)[]
  readonly dtype: string
  readonly trainable: boolean
  read(): { data(): Promise<Float32Array | Int32Array | Uint8Array> }
}

/**
 * The float32 weights of a TF.js model, by the names that their layers gave them: `hidden/kernel`. TF.js numbers names
 * that it has seen in the process before; that number is left out wherever names differ without it.
 *
 * @example
 * ```ts
 * weightsOf(model).map(({ name }) => name) // ['hidden/kernel', 'hidden/bias', ...]
 * ```
 */
export function weightsOf({ weights }: LayersModel): Weight[] {
  const names = new Set(weights.map((variable) => variable.originalName))
  const unique = names.size === weights.length
  return weights
    .filter((variable) => variable.dtype === 'float32')
    .map((variable) => ({
      name: unique ? variable.originalName : variable.name,
      shape: variable.shape as readonly number[],
      role: variable.originalName.split('/').at(-1)!,
      trainable: variable.trainable,
      read: () => variable.read().data() as Promise<Float32Array>,
    }))
}
