import { type Panels, panels } from '../../linalg/panels.ts'
import {
  type MatrixPart,
  type PlanShape,
  partsOf,
  readingBytes,
  scopeMatrix,
  sidesOf,
} from '../../stage/index.ts'
import { type PolarRoom, polarBytes, type Sides } from './polar.ts'
import type { StabilityOptions } from './spec.ts'

/** Matrices in the tensor of a scope, all of the same size; no parts if it is not a matrix. */
export interface Matrices {
  readonly parts: readonly MatrixPart[]
  readonly sides: Sides
}

export function matricesOf(
  scoped: Pick<PlanShape, 'open' | 'scope'>,
  { layout, parts }: StabilityOptions
): Matrices | undefined {
  const shape = scopeMatrix(scoped, layout)
  if (!shape) return undefined
  const cut = partsOf(shape, parts)
  return { parts: cut, sides: sidesOf(cut[0]!) }
}

export const storageBytes = ({ storage }: StabilityOptions): 4 | 8 => (storage === 'f64' ? 8 : 4)

/** Weights and polar factor of a part, as they are kept between looks. */
export interface Kept {
  readonly weights: number
  readonly factor: number
}

export function keptPanels({ long, short }: Sides, options: StabilityOptions): Panels {
  return panels(long, short, storageBytes(options))
}

/** Addresses of a part, if all parts follow one another from an address on. */
export function keptAt(address: number, part: number, { bytes }: Panels): Kept {
  const weights = address + 2 * bytes * part
  return { weights, factor: weights + bytes }
}

/** Bytes of state for all parts. */
export function keptBytes({ parts, sides }: Matrices, options: StabilityOptions): number {
  return 2 * parts.length * keptPanels(sides, options).bytes
}

/** Scratch of a look. */
export interface StabilityScratch extends PolarRoom {
  readonly staging: number
  /** Two places where a peek keeps all parts instead of in the state, used in turn. */
  readonly peek: readonly [number, number]
  readonly bytes: number
}

export function layScratch(
  address: number,
  matrices: Matrices,
  options: StabilityOptions
): StabilityScratch {
  const bytes = polarBytes(matrices.sides, storageBytes(options))
  const kept = keptBytes(matrices, options)
  let next = address
  const take = (size: number): number => {
    next += size
    return next - size
  }
  return {
    matrix: take(bytes.matrix),
    narrow: take(bytes.narrow),
    square: take(bytes.square),
    work: take(bytes.work),
    staging: take(readingBytes),
    peek: [take(kept), take(kept)],
    bytes: next - address,
  }
}
