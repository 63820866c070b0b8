import type { OptionsInput } from '../../src/spec/fields.ts'
import type { Block } from '../../src/stage/block.ts'
import type { StageContext, StageValue } from '../../src/stage/define.ts'
import { openHeader } from '../../src/stage/header.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { readFit } from '../../src/stages/cmd/fit.ts'
import { cmd } from '../../src/stages/cmd/index.ts'
import type { CmdContext } from '../../src/stages/cmd/spec.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { factorLayout } from '../../src/stages/svd/layout.ts'
import type { SvdOptions } from '../../src/stages/svd/spec.ts'
import { stateShape } from '../../src/stages/svd/state.ts'
import { type Basis, basisOf } from '../../src/stages/svd/storing/basis.ts'

/** The fit of every weight: mode (-1 for none), a and b. */
export interface Fit {
  readonly assignment: number[]
  readonly a: number[]
  readonly b: number[]
}

/** `cmd` and the fit that its state holds after the block that ends with this step. */
export function fittingCmd(options: OptionsInput<typeof cmd.definition.options>, step: number) {
  const fit: Fit = { assignment: [], a: [], b: [] }
  const stage = tapped<CmdContext>(cmd(options), step, (context, block) => {
    for (const { mode, a, b } of readFit(context, block.weights)) {
      fit.assignment.push(...mode)
      fit.a.push(...a)
      fit.b.push(...b)
    }
  })
  return { stage, fit }
}

/** `svd` and the columns of B (one after another, without padding) after the block that ends with this step. */
export function factoringSvd(options: OptionsInput<typeof svd.definition.options>, step: number) {
  const factor: number[][] = []
  const stage = tapped<StageContext<SvdOptions>>(svd(options), step, (context) => {
    const { arena, scope, header, rows } = context
    const { columns } = factorLayout(context.options, context.shape.block)
    const state = openHeader(arena, header, stateShape(columns))
    const stored = Array.from({ length: state.kept }, (_, c) =>
      scope.tensors.flatMap(({ tile, tiles, rows: elements }) => {
        const column = Array.from({ length: tiles }, (_, t) => [
          ...arena.f32(rows + 4 * tileRows * ((tile + t) * columns + c), tileRows),
        ])
        return column.flat().slice(0, elements)
      })
    )
    const basis = basisOf(state)
    factor.push(...(basis ? combined(stored, basis) : stored))
  })
  return { stage, factor }
}

/** B = S W, S the columns that are stored. */
function combined(stored: readonly number[][], { w, count }: Basis): number[][] {
  return stored.map((first, j) =>
    first.map((_, row) => stored.reduce((sum, own, i) => sum + own[row]! * w[i * count + j]!, 0))
  )
}

/** A stage whose state is looked at once: after the block that ends with this step. */
function tapped<Context>(
  value: StageValue,
  step: number,
  look: (context: Context, block: Block) => void
): StageValue {
  const { definition } = value
  let isStarted = false
  return {
    ...value,
    definition: {
      ...definition,
      start(context) {
        const instance = definition.start(context)
        // The null's own instance starts later.
        if (isStarted) return instance
        isStarted = true
        return {
          ...instance,
          *step(block, mode) {
            const outcome = yield* instance.step(block, mode)
            if (mode.commit && block.steps.at(-1) === step) {
              look(context as unknown as Context, block)
            }
            return outcome
          },
        }
      },
    },
  }
}
