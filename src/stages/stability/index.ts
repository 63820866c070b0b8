import { defineStage, expectPositions, headerBytes, matrixOf } from '../../stage/index.ts'
import { lookWork } from './cost.ts'
import { keptBytes, layScratch, matricesOf } from './layout.ts'
import { says, stabilityAlerts, stabilityFigures, stabilityOptions } from './spec.ts'
import { stateShape } from './state.ts'
import { stabilityStep } from './step.ts'

/** Whether the orthogonal basis of each matrix still turns (OIALR), compared with random steps of the same size. */
export const stability = defineStage({
  type: 'stability',
  summary:
    'How far the orthogonal basis of each matrix turns from look to look, its null, its ranks, and what a switch to low rank would save.',
  asks: 'Has the basis of each matrix settled?',
  placement: 'tensor',
  options: stabilityOptions,
  figures: stabilityFigures,
  alerts: stabilityAlerts,
  says,
  takes: (tensor) => matrixOf(tensor) !== undefined,
  needs: (_options, open, member) => {
    expectPositions('stability', member)
    return { weights: true, double: open.tensors.some(({ dtype }) => dtype === 'f64') }
  },
  plan: (shape, options) => {
    const matrices = matricesOf(shape, options)
    const tiles = Math.max(1, shape.scope.tiles)
    return {
      header: headerBytes(stateShape),
      perTile: matrices ? 8 * Math.ceil(keptBytes(matrices, options) / tiles / 8) : 0,
      scratch: matrices ? layScratch(0, matrices, options).bytes : 0,
    }
  },
  costOfLook: (shape, options) => {
    const matrices = matricesOf(shape, options)
    return matrices ? lookWork(matrices, options) : { flops: 0, bytes: 0 }
  },
  start: (context) => ({ step: stabilityStep(context) }),
})
