import {
  headerBytes,
  type MatrixShape,
  type PlanShape,
  readingBytes,
  scopeMatrix,
} from '../../stage/index.ts'
import { type Activation, isActivation } from './activation.ts'
import { type HiddenRoom, layHidden } from './hidden.ts'
import { type Network, networkOf } from './network.ts'
import type { EdgeOptions, edgeReads } from './spec.ts'
import { stateShape } from './state.ts'

export type EdgeShape = PlanShape<typeof edgeReads>

/** What is looked at in a scope. */
export interface Subject {
  /** The matrix, if the scope has one tensor. */
  readonly matrix: MatrixShape | undefined
  readonly activation: Activation | undefined
  readonly network: Network | undefined
}

export function subjectOf(shape: EdgeShape, options: EdgeOptions): Subject {
  const { open, scope } = shape
  const [tensor] = scope.tensors
  const isSingle = scope.tensors.length === 1
  const matrix = scopeMatrix(shape, options.layout)
  const declared = options.inputs > 0 ? networkOf(shape, options) : undefined
  // A layer of a larger network is not a map of its own: per tensor, only a network of one layer is iterated.
  const isOther = isSingle && Array.isArray(open.meta.network) && open.meta.network.length > 1
  const network = isOther ? undefined : declared
  const said =
    options.activation ?? open.meta.activation ?? activationIn(open.meta.network, tensor?.name)
  return { matrix, network, activation: isActivation(said) ? said : undefined }
}

/** The activation that follows a kernel according to `meta.network`. */
function activationIn(network: unknown, kernel: string | undefined): unknown {
  if (!Array.isArray(network)) return undefined
  const layer = network.find((own) => own?.kernel === kernel) as
    | { activation?: unknown }
    | undefined
  return layer?.activation
}

/** Scratch for the inner products of updates, for pieces of weights, or for the iteration of a hidden map. */
export interface EdgeScratch {
  readonly lags: number
  readonly staging: number
  readonly hidden: HiddenRoom | undefined
  readonly bytes: number
}

export function layScratch(
  address: number,
  { block }: EdgeShape,
  { network }: Subject,
  { inputs }: EdgeOptions
): EdgeScratch {
  const staging = address + 24 * block
  const end = staging + readingBytes
  const hidden = network && 'layers' in network ? layHidden(end, network.layers, inputs) : undefined
  return { lags: address, staging, hidden, bytes: end - address + (hidden?.bytes ?? 0) }
}

export function planEdge(shape: EdgeShape, options: EdgeOptions) {
  const { bytes } = layScratch(0, shape, subjectOf(shape, options), options)
  return { header: headerBytes(stateShape), perTile: 0, scratch: bytes }
}
