import type { Work } from '../../stage/index.ts'
import { type EdgeShape, subjectOf } from './plan.ts'
import type { EdgeOptions } from './spec.ts'

/** Work of a look: two passes over the weights, and the iteration of the hidden map. */
export function lookWork(shape: EdgeShape, options: EdgeOptions): Work {
  const { rows } = shape.scope
  const { network } = subjectOf(shape, options)
  const { iterations, inputs } = options
  const layers = network && 'layers' in network ? network.layers : []
  const weights = layers.reduce((sum, layer) => sum + layer.inputs * layer.outputs, 0)
  return {
    flops: 4 * rows + 4 * weights * inputs * iterations,
    bytes: 24 * rows + 8 * weights * iterations,
  }
}
