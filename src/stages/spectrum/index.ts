import { defineStage, expectPositions, headerBytes, matrixOf } from '../../stage/index.ts'
import { lookWork } from './cost.ts'
import { layScratch, spectrumMatrix, vectorBytes } from './layout.ts'
import { says, spectrumFigures, spectrumOptions } from './spec.ts'
import { stateShape } from './state.ts'
import { spectrumStep } from './step.ts'

/** The singular values of each matrix, compared with those of random ones; README.md has the mathematics. */
export const spectrum = defineStage({
  type: 'spectrum',
  summary:
    'Singular values of each matrix with their errors, those that stand out from noise, and a fit of the tail, compared with random matrices.',
  asks: 'What do the singular values of each matrix show that those of a random one would not?',
  placement: 'tensor',
  options: spectrumOptions,
  figures: spectrumFigures,
  says,
  takes: (tensor) => matrixOf(tensor) !== undefined,
  needs: (_options, open, member) => {
    expectPositions('spectrum', member)
    return { weights: true, double: open.tensors.some(({ dtype }) => dtype === 'f64') }
  },
  plan: (shape, options) => {
    const matrix = spectrumMatrix(shape, options)
    const tiles = Math.max(1, shape.scope.tiles)
    return {
      header: headerBytes(stateShape(matrix)),
      perTile: matrix ? 8 * Math.ceil(vectorBytes(matrix) / tiles / 8) : 0,
      scratch: matrix ? layScratch(0, matrix).bytes : 0,
    }
  },
  costOfLook: (shape, options) => {
    const matrix = spectrumMatrix(shape, options)
    return matrix ? lookWork(matrix) : { flops: 0, bytes: 0 }
  },
  start: (context) => ({ step: spectrumStep(context) }),
})
