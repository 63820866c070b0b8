/** A weight tensor that training changes in place. */
export interface Weight {
  readonly name: string
  readonly shape: readonly number[]
  /** What the weight is in its layer: `kernel`, `bias`, `gamma`, ... */
  readonly role?: string
  readonly trainable: boolean
  /** Its current values, flat and in row-major order. They are used only before training continues. */
  read(): Promise<Float32Array>
}

/** The part of a TF.js model that is used here. */
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
 * The float32 weights of a TF.js model, by the names that their layers gave them: `hidden/kernel`. TF.js adds a number to a name
 * that it has used before in the process; it is left out if the names differ without it.
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
