import { defineStage, expectPositions, headerBytes, problem } from '../../stage/index.ts'
import { cmdFigures, cmdOptions, says } from './spec.ts'
import { columnsOf, headerShape, tileBytes } from './state.ts'
import { cmdStep, layScratch } from './step.ts'

/** Online correlation mode decomposition: w_i(t) ≈ a_i w_r(t) + b_i with one reference weight r for each mode. */
export const cmd = defineStage({
  type: 'cmd',
  summary: 'Correlated modes: which weights move as affine images of a few reference weights.',
  asks: 'Which weights move together?',
  options: cmdOptions,
  figures: cmdFigures,
  says,
  check: ({ look }) => {
    if (look.steps === undefined || look.epochs === undefined) return []
    return [problem(['look'], 'names both "steps" and "epochs". Leave one of them out.')]
  },
  needs: (_options, _open, member) => {
    expectPositions('cmd', member)
    return {}
  },
  plan: (shape, options) => ({
    header: headerBytes(headerShape(options)),
    perTile: tileBytes(columnsOf(options)),
    scratch: layScratch(0, shape, options).bytes,
  }),
  smallest: ({ modes }) => 16 * modes,
  shrink: (options) => {
    const columns = columnsOf(options)
    return columns > 4 ? { columns: columnsOf({ ...options, columns: columns / 2 }) } : undefined
  },
  cost: ({ block, elementBytes }, options) => {
    const columns = columnsOf(options)
    const taken = block / (options.look.steps ?? 1)
    const size = columns + taken
    return {
      flops: (size * size + 2 * size * columns + 2 * options.modes * columns) / block,
      bytes: 2 * elementBytes + (2 * 8 + 2 * 16 + 1 + 4 * 4 * columns) / block,
    }
  },
  start: (context) => ({ step: cmdStep(context) }),
})
