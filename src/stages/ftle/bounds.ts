import type { Dtype, ScopeShape } from '../../stage/index.ts'

/** The size below which a separation is rounding noise, and above which it is no longer small. */
export interface Bounds {
  readonly floor: number
  readonly saturation: number
}

/**
 * Bounds for weights of norm `scale` and unit roundoff `unit`. The floor is ten roundoffs of the weights and of the steps that led to them,
 * whose errors add up in squares. Saturation is 5 % of the distance between unrelated weights of that norm, √2 ‖w‖. Weights that are all
 * zero set no bounds.
 *
 * @param travelled root of the sum of all squared steps so far
 */
export function boundsOf(scale: number, unit: number, travelled = 0): Bounds {
  if (!(scale > 0)) return { floor: 0, saturation: Infinity }
  return {
    floor: 10 * unit * Math.sqrt(scale * scale + travelled * travelled),
    saturation: 0.05 * Math.sqrt(2) * scale,
  }
}

const roundoff: Readonly<Record<Dtype, number>> = {
  f64: 2 ** -53,
  f32: 2 ** -24,
  f16: 2 ** -11,
  bf16: 2 ** -8,
}

/** Unit roundoff of the coarsest tensor of a scope. */
export function coarsest(
  { indices }: Pick<ScopeShape, 'indices'>,
  { tensors }: { readonly tensors: readonly { readonly dtype: Dtype }[] }
): number {
  return indices.reduce((unit, i) => Math.max(unit, roundoff[tensors[i]!.dtype]), 0)
}
