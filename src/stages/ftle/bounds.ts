import type { Dtype, ScopeShape } from '../../stage/index.ts'

/** The size below which a separation is rounding noise, and above which it is no longer small. */
export interface Bounds {
  readonly floor: number
  readonly saturation: number
}

/**
 * Bounds beside weights of norm `scale` and unit roundoff `unit`: ten roundoffs, and 5 % of what separates unrelated
 * weights of that norm, √2 ‖w‖. Weights that are all zero set no bounds.
 */
export function boundsOf(scale: number, unit: number): Bounds {
  return scale > 0
    ? { floor: 10 * unit * scale, saturation: 0.05 * Math.sqrt(2) * scale }
    : { floor: 0, saturation: Infinity }
}

const roundoff: Readonly<Record<Dtype, number>> = {
  f64: 2 ** -53,
  f32: 2 ** -24,
  f16: 2 ** -11,
  bf16: 2 ** -8,
}

/** Unit roundoff of the coarsest of a scope's tensors. */
export function coarsest(
  { indices }: Pick<ScopeShape, 'indices'>,
  { tensors }: { readonly tensors: readonly { readonly dtype: Dtype }[] }
): number {
  return indices.reduce((unit, i) => Math.max(unit, roundoff[tensors[i]!.dtype]), 0)
}
