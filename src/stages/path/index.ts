import {
  type Block,
  defineStage,
  expectPositions,
  headerBytes,
  type Mode,
  type Outcome,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import { Checkpoints } from './checkpoints.ts'
import { folded, scratchBytes } from './fold.ts'
import { headerShape, layoutOf, pathBytes } from './layout.ts'
import { valuesOf } from './report.ts'
import { says } from './says.ts'
import { type PathOptions, pathFigures, pathOptions } from './spec.ts'

export type PathContext = StageContext<PathOptions>

/** The shape of the path that the weights take, from sketched checkpoints; README.md has the mathematics. */
export const path = defineStage({
  type: 'path',
  summary:
    'Shape of the path of the weights: directions, lengths, turns and principal components of sketched checkpoints, compared with a random walk.',
  asks: 'Does the training go somewhere, and how straight?',
  options: pathOptions,
  figures: pathFigures,
  says,
  needs: (_options, _open, member) => {
    expectPositions('path', member)
    return { null: true }
  },
  sketching: () => 'accepts',
  plan: ({ scope }, options) => {
    const layout = layoutOf({ scope }, options)
    return { header: pathBytes(layout), perTile: 0, scratch: scratchBytes(scope.tiles, layout) }
  },
  shrink: ({ checkpoints, ...rest }) =>
    checkpoints >= 16 ? { ...rest, checkpoints: checkpoints >> 1 } : undefined,
  cost: ({ block }) => ({ flops: 6 / block, bytes: 20 / block }),
  start: (context) => {
    const { arena, shape, options } = context
    const layout = layoutOf(shape, options)
    const sketches = context.header + headerBytes(headerShape(layout))
    const checkpoints = new Checkpoints(arena, context.header, sketches, layout)
    return {
      *step(block: Block, mode: Mode<typeof pathFigures>): Step<Outcome<typeof pathFigures>> {
        if (block.length > 0) yield* take(block)
        return mode.report ? { values: valuesOf(checkpoints.header, layout, shape, mode.null) } : {}
      },
    }

    function* take(block: Block): Step<void> {
      const { header } = checkpoints
      const { steps, before } = block
      if (before === 0) header.step = steps[0]! - (steps.length > 1 ? steps[1]! - steps[0]! : 1)
      if (header.lost === 0 && checkpoints.wants(block.index)) {
        const { scale } = checkpoints
        const wantsOrigin = header.hasOrigin === 0
        const found = yield* folded(context, layout, block, wantsOrigin, scale)
        const { position, origin, squares } = found
        if (origin) checkpoints.setOrigin(origin)
        checkpoints.add({ sketch: position, block: block.index, step: header.step, squares })
      }
      header.lost = Number(!block.of(shape.member).marks.at(-1)!.sure)
      header.step = steps.at(-1)!
    }
  },
})
