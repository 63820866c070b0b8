import { panels } from '../../linalg/panels.ts'
import { symmetricWork } from '../../linalg/symmetric.ts'
import {
  type MatrixPart,
  matrixOf,
  type PlanShape,
  partsOf,
  readingBytes,
  type ScopeTensor,
  sidesOf,
} from '../../stage/index.ts'
import type { PhasesOptions } from './spec.ts'

type Named = { readonly name: string; readonly role?: string; readonly shape: readonly number[] }

/** Embeddings and normalisations tell nothing about the map of a layer. */
const leftOut =
  /(^|[._/\d])(emb|embed|embedding|wte|wpe|ln|norm|bn|batchnorm|layernorm|batch_norm|layer_norm|batch_normalization|layer_normalization)[\w]*/i

/** Whether a tensor counts as a matrix or as a bias. */
export function kindOf({ name, role, shape }: Named): 'matrix' | 'bias' | undefined {
  if (leftOut.test(name) || (role && leftOut.test(role))) return undefined
  if (matrixOf({ name, role, shape } as never)) return 'matrix'
  const isBias = role === 'bias' || /(^|[./])(bias|b)$/.test(name)
  return isBias ? 'bias' : undefined
}

/** A tensor of the scope as a matrix, with its rows along the longer side. */
export interface Place {
  readonly tensor: ScopeTensor
  readonly part: MatrixPart
  readonly long: number
  readonly short: number
}

export interface Places {
  readonly matrices: readonly Place[]
  readonly biases: readonly ScopeTensor[]
}

export function placesOf(
  { open, scope }: Pick<PlanShape, 'open' | 'scope'>,
  { layout }: Pick<PhasesOptions, 'layout'>
): Places {
  const matrices: Place[] = []
  const biases: ScopeTensor[] = []
  for (const tensor of scope.tensors) {
    const entry = open.tensors[tensor.index]!
    const kind = kindOf(entry)
    const shape = kind === 'matrix' ? matrixOf(entry, layout) : undefined
    if (shape) matrices.push({ tensor, part: partsOf(shape, 1)[0]!, ...sidesOf(shape) })
    else if (kind === 'bias') biases.push(tensor)
  }
  return { matrices, biases }
}

/** Addresses of a look's work, used for one matrix after another. */
export interface PhasesScratch {
  readonly matrix: number
  readonly square: number
  readonly work: number
  readonly staging: number
  readonly bytes: number
}

export function layScratch(address: number, { matrices }: Places): PhasesScratch {
  let next = address
  const take = (sizes: readonly number[]): number => {
    const at = next
    next += Math.max(0, ...sizes)
    return at
  }
  return {
    matrix: take(matrices.map(({ long, short }) => panels(long, short).bytes)),
    square: take(matrices.map(({ short }) => panels(short, short).bytes)),
    work: take(matrices.map(({ short }) => symmetricWork(short))),
    staging: take([readingBytes]),
    bytes: next - address,
  }
}
