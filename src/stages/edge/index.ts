import { defineStage, expectPositions, matrixOf } from '../../stage/index.ts'
import { lookWork } from './cost.ts'
import { planEdge } from './plan.ts'
import { edgeAlerts, edgeFigures, edgeOptions, edgeReads, says } from './spec.ts'
import { edgeStep } from './step.ts'

/** Distance of each matrix from the edge of chaos, and when it will be there; README.md has the mathematics. */
export const edge = defineStage({
  type: 'edge',
  summary:
    'J and J₀ of each matrix against the edge of chaos, the law by which J² grows, and the hidden map of a declared network iterated.',
  asks: 'On which side of the edge of chaos is each matrix, and when does it cross?',
  placement: 'tensors',
  options: edgeOptions,
  figures: edgeFigures,
  alerts: edgeAlerts,
  says,
  reads: edgeReads,
  takes: (tensor, per) => per !== 'tensor' || matrixOf(tensor) !== undefined,
  needs: (_options, open, member) => {
    expectPositions('edge', member)
    return { weights: true, double: open.tensors.some(({ dtype }) => dtype === 'f64') }
  },
  plan: planEdge,
  cost: ({ elementBytes }) => ({ flops: 6, bytes: elementBytes }),
  costOfLook: lookWork,
  start: (context) => ({ step: edgeStep(context) }),
})
