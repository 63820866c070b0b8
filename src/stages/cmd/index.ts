import { defineStage } from '../../engine/stage.ts'
import { integer, type Options } from '../../spec/fields.ts'
import { problem } from '../../spec/problem.ts'
import { factorOf } from '../factor.ts'
import { forget } from '../forget.ts'
import { headerBytes } from '../header.ts'
import { expectPositions } from '../positions.ts'
import { turns } from './factor.ts'
import { layScratch } from './scratch.ts'
import { headerShape, tileBytes } from './state.ts'
import { cmdStep } from './step.ts'

const options = {
  modes: integer({ description: 'most modes to look for', min: 1, max: 255, default: 10 }),
  warmup: integer({
    description: 'recorded steps over which sampled weights are followed and clustered',
    unit: 'steps',
    min: 3,
    max: 65536,
    default: 20,
  }),
  samples: integer({
    description: 'weights that are sampled in the warm-up',
    unit: 'weights',
    min: 1,
    max: 4096,
    default: 1000,
  }),
  choose: integer({
    description:
      'recorded steps after which each weight takes the mode it correlates with most; with `on` the warm-up alone counts',
    unit: 'steps',
    min: 3,
    default: 20,
  }),
  forget,
  seed: integer({ description: 'seed of the sample', min: 0, max: 0xffffffff, default: 0 }),
} as const

export type CmdOptions = Options<typeof options>

/** Online correlation mode decomposition: w_i(t) ≈ a_i w_r(t) + b_i with one reference weight r for each mode. */
export const cmd = defineStage({
  type: 'cmd',
  summary: 'Correlated modes: which weights move as affine images of a few reference weights.',
  options,
  needs: (_options, _open, member) => {
    expectPositions('cmd', member)
    return { null: true }
  },
  checkUpstream: ({ forget }, { id, type, options: svd }) => {
    if (type !== 'svd' || svd.of !== 'positions') {
      const what = type === 'svd' ? 'decomposes deltas' : `is of type ${type}`
      return [problem(['on'], `stage "${id}" ${what}. Name an svd with "of": "positions".`)]
    }
    if (svd.forget === forget) return []
    const message = `${forget} is not that of stage "${id}", ${svd.forget}. Make them equal.`
    return [problem(['forget'], message)]
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
    const { columns, storageBytes } = factorOf(shape) ?? { columns: 0, storageBytes: 4 }
    return {
      flops: 9 + (2 * modes * columns) / (turns * block),
      bytes: elementBytes + (8 + 35 + 32 + (columns * storageBytes) / turns) / block,
    }
  },
  start: (context) => ({ step: cmdStep(context) }),
})
