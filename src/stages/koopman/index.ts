import {
  defineStage,
  expectPositions,
  headerBytes,
  problem,
  spectrumPort,
} from '../../stage/index.ts'
import { needsOf, Solver } from './fitting/solver.ts'
import { headerShape, membersOf } from './layout.ts'
import { projectionBytes, projects } from './reading/directions.ts'
import { says } from './says.ts'
import { koopmanFigures, koopmanOptions, koopmanReads } from './spec.ts'
import { koopmanInstance } from './step.ts'

/** The linear map from positions to the next ones, and its eigenvalues; README.md has the mathematics. */
export const koopman = defineStage({
  type: 'koopman',
  summary:
    'Koopman spectrum: eigenvalues of the linear map that fits the run, with residuals, intervals and verdicts.',
  asks: 'Which modes does the training decay, grow and oscillate in?',
  options: koopmanOptions,
  figures: koopmanFigures,
  says,
  ports: { spectrum: spectrumPort },
  offers: ({ modes }) => ({ spectrum: { modes } }),
  reads: koopmanReads,
  requires: ({ coordinates, pool, intercept, shapes }) => {
    if (coordinates === 'weights') return []
    return pool || !intercept || shapes > 0 ? ['gram', 'factor'] : ['gram']
  },
  check: ({ coordinates, window, forget, delays }, { sources }) => {
    const found = []
    if (coordinates === 'weights' && Object.keys(sources).length > 0) {
      const message = 'weights as they are need no other stage. Leave "on" out.'
      found.push(problem(['on'], message))
    }
    if (window !== undefined && forget < 1) {
      const message = 'a window forgets on its own. Leave "forget" or "window" out.'
      found.push(problem(['forget'], message))
    }
    if (window !== undefined && window < 8 * (delays + 1)) {
      const message = `${window} steps are too few for ${delays} delays: a window needs ${8 * (delays + 1)}. Raise "window" or lower "delays".`
      found.push(problem(['window'], message))
    }
    return found
  },
  needs: ({ coordinates, pool, intercept }, { members, tensors }, member) => {
    expectPositions('koopman', member)
    return {
      null: intercept,
      separations: pool,
      double: coordinates === 'weights' && tensors.some(({ dtype }) => dtype === 'f64'),
      ...(pool ? { members: Array.from({ length: members }, (_, m) => m) } : {}),
    }
  },
  sketching: ({ coordinates }) => (coordinates === 'weights' ? 'never' : 'accepts'),
  plan: (shape, options) => {
    const members = membersOf(shape, options.pool).length
    const reads = options.coordinates === 'directions' && projects(options, shape)
    const { scope, block, facts } = shape
    return {
      header: headerBytes(headerShape(shape, options)),
      perTile: 0,
      scratch: Math.max(
        reads ? projectionBytes(scope.tiles, facts.gram!.columns, members, block) : 0,
        Solver.bytes(needsOf(shape, options))
      ),
    }
  },
  cost: (shape, options) => {
    if (options.coordinates === 'weights' || !projects(options, shape))
      return { flops: 0, bytes: 0 }
    const { block, elementBytes, facts } = shape
    const others = membersOf(shape, options.pool).length - 1
    const vectors = 3 + others * (1 + block)
    return {
      flops: (2 * facts.gram!.columns * vectors) / block,
      bytes: others * elementBytes + (12 + 8 * others + facts.gram!.columns * 4) / block,
    }
  },
  start: (context) => koopmanInstance(context),
})
