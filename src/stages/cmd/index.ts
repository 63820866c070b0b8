import { defineStage, expectPositions, headerBytes, problem } from '../../stage/index.ts'
import { turns } from './factor.ts'
import { layScratch } from './scratch.ts'
import { cmdFigures, cmdOptions, cmdReads, says } from './spec.ts'
import { headerShape, tileBytes } from './state.ts'
import { cmdStep } from './step.ts'

/** Online correlation mode decomposition: w_i(t) ≈ a_i w_r(t) + b_i with one reference weight r for each mode. */
export const cmd = defineStage({
  type: 'cmd',
  summary: 'Correlated modes: which weights move as affine images of a few reference weights.',
  asks: 'Which weights move together?',
  options: cmdOptions,
  figures: cmdFigures,
  says,
  reads: cmdReads,
  faults: 'correlations above 1 by more than rounding',
  check: ({ forget }, { facts: { factor }, sources }) => {
    if (!factor) return []
    if (factor.of !== 'positions') {
      const message = `stage "${sources.factor}" decomposes ${factor.of}. Name one that decomposes positions ("of": "positions").`
      return [problem(['on'], message)]
    }
    if (factor.forget === forget) return []
    const message = `${forget} is not that of stage "${sources.factor}", ${factor.forget}. Make them equal.`
    return [problem(['forget'], message)]
  },
  needs: (_options, _open, member) => {
    expectPositions('cmd', member)
    return { null: true }
  },
  plan: (shape, options) => ({
    header: headerBytes(headerShape(shape, options)),
    perTile: tileBytes(options.modes),
    scratch: layScratch(0, shape, options).bytes,
  }),
  smallest: ({ modes }) => 16 * modes,
  shrink: ({ modes }) => (modes > 2 ? { modes: Math.ceil(modes / 2) } : undefined),
  cost: (shape, { modes }) => {
    const { block, elementBytes } = shape
    const { columns, storageBytes } = shape.facts.factor ?? { columns: 0, storageBytes: 4 }
    return {
      flops: 9 + (2 * modes * columns) / (turns * block),
      bytes: elementBytes + (8 + 35 + 32 + (columns * storageBytes) / turns) / block,
    }
  },
  start: (context) => ({ step: cmdStep(context) }),
})
