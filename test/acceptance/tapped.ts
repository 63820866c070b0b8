import type { Block } from '../../src/engine/block.ts'
import { tileRows } from '../../src/engine/scope.ts'
import {
  defineStage,
  type StageContext,
  type StageFactory,
  type StageValue,
} from '../../src/engine/stage.ts'
import type { Fields, OptionsInput } from '../../src/spec/fields.ts'
import { readFit } from '../../src/stages/cmd/fit.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import { noMode } from '../../src/stages/cmd/state.ts'
import { factorLayout } from '../../src/stages/factor.ts'
import { openHeader } from '../../src/stages/header.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { stateShape } from '../../src/stages/svd/state.ts'

/** The fit of every weight: mode (-1 for none), a and b. */
export interface Fit {
  readonly assignment: number[]
  readonly a: number[]
  readonly b: number[]
}

/** `cmd` and the fit that its state holds after the block that ends with this step. */
export function fittingCmd(options: OptionsInput<typeof cmd.definition.options>, step: number) {
  const fit: Fit = { assignment: [], a: [], b: [] }
  const stage = tapped(cmd, options, step, (context, block) => {
    for (const { mode, a, b } of readFit(context, block.weights)) {
      fit.assignment.push(...Array.from(mode, (m) => (m === noMode ? -1 : m)))
      fit.a.push(...a)
      fit.b.push(...b)
    }
  })
  return { stage, fit }
}

/** `svd` and the columns of B (f32, one after another, without padding) after the block that ends with this step. */
export function factoringSvd(options: OptionsInput<typeof svd.definition.options>, step: number) {
  const factor: number[][] = []
  const stage = tapped(svd, options, step, (context) => {
    const { arena, scope, header, rows } = context
    const { columns } = factorLayout(context.options, context.shape.block)
    for (let c = 0; c < openHeader(arena, header, stateShape(columns)).kept; c++) {
      factor.push(
        scope.tensors.flatMap(({ tile, tiles, rows: elements }) => {
          const column = Array.from({ length: tiles }, (_, t) => [
            ...arena.f32(rows + 4 * tileRows * ((tile + t) * columns + c), tileRows),
          ])
          return column.flat().slice(0, elements)
        })
      )
    }
  })
  return { stage, factor }
}

/** A stage whose state is looked at once: after the block that ends with this step. */
function tapped<F extends Fields>(
  { definition }: StageFactory<F>,
  options: OptionsInput<F>,
  step: number,
  look: (context: Parameters<typeof definition.start>[0], block: Block) => void
): StageValue {
  return defineStage<F>({
    ...definition,
    start(context: StageContext<never>) {
      const instance = definition.start(context)
      return {
        *step(block, mode) {
          const outcome = yield* instance.step(block, mode)
          // The null's own instance is given no null.
          if (mode.null && mode.commit && block.steps.at(-1) === step) look(context, block)
          return outcome
        },
      }
    },
  })(options)
}
