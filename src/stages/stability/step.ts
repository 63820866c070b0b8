import {
  type Block,
  fromOwner,
  isOwner,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
} from '../../stage/index.ts'
import { keptBytes, layScratch, matricesOf } from './layout.ts'
import { type LookFigures, lookAt, lookFigures } from './look.ts'
import { figuresOf } from './report.ts'
import type { StabilityOptions, stabilityAlerts, stabilityFigures } from './spec.ts'
import { type StabilityState, stateShape } from './state.ts'
import { take } from './take.ts'

type StabilityOutcome = Outcome<typeof stabilityFigures, keyof typeof stabilityAlerts>

export function stabilityStep(
  context: StageContext<StabilityOptions>
): (block: Block, mode: Mode<typeof stabilityFigures>) => Step<StabilityOutcome> {
  const { arena, options, scope, shape } = context
  const state = openHeader(arena, context.header, stateShape)
  const matrices = matricesOf(shape, options)

  return function* step(block, { looks, commit, report }) {
    const alerts: { condition: 'settled'; message: string }[] = []
    if (matrices) {
      const scratch = layScratch(context.scratch, matrices, options)
      const looker = { arena, options, scope, matrices, scratch }
      let last = context.rows
      for (const [i, { column, step }] of looks.entries()) {
        const now = scratch.peek[i % 2]!
        const before = state.looks > 0 ? last : undefined
        const values = yield* fromOwner(scope, lookFigures.length, () =>
          lookAt(looker, block, column, state.looks, before, now)
        )
        last = now
        const figures = Object.fromEntries(
          lookFigures.map((name, k) => [name, values[k]!])
        ) as LookFigures
        if (take(state, figures, step, matrices, options)) {
          alerts.push({ condition: 'settled', message: settledMessage(state) })
        }
      }
      if (commit && looks.length > 0 && isOwner(scope)) {
        arena.copy(last, context.rows, keptBytes(matrices, options))
      }
    }
    return { ...(report ? { values: figuresOf(state, matrices, options) } : {}), alerts }
  }
}

function settledMessage({ lookedAt, stability, stabilityNull }: StabilityState): string {
  return `step ${lookedAt}: the basis agrees to ${stability.toFixed(4)} from look to look, random steps of the same size would leave ${stabilityNull.toFixed(4)}`
}
