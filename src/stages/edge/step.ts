import {
  addToHistory,
  type Block,
  fromOwner,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
  trainingFacts,
} from '../../stage/index.ts'
import { advanceClock, type Time } from './clock.ts'
import { iterateHidden } from './hidden.ts'
import { edgeOf } from './mean-field.ts'
import { momentsAfter } from './moments.ts'
import { layScratch, subjectOf } from './plan.ts'
import { figuresOf } from './report.ts'
import type { EdgeOptions, edgeAlerts, edgeFigures, edgeReads } from './spec.ts'
import { type EdgeState, stateShape } from './state.ts'
import { updateCosines } from './updates.ts'

export type EdgeContext = StageContext<EdgeOptions, typeof edgeReads>
type EdgeOutcome = Outcome<typeof edgeFigures, keyof typeof edgeAlerts>

export function edgeStep(
  context: EdgeContext
): (block: Block, mode: Mode<typeof edgeFigures>) => Step<EdgeOutcome> {
  const { arena, options, scope, shape, ports } = context
  const { open, member } = shape
  const state = openHeader(arena, context.header, stateShape)
  const subject = subjectOf(shape, options)
  const scratch = layScratch(context.scratch, shape, subject, options)
  const facts = trainingFacts(open)
  const { matrix, activation, network } = subject

  function* look(block: Block, column: number, step: number, time: Time): Step<boolean> {
    let isCrossing = false
    if (matrix) {
      const [j, j0] = yield* fromOwner(scope, 2, () => {
        const moments = momentsAfter(context, matrix, block, column, scratch.staging)
        return [moments.j, moments.j0]
      })
      isCrossing = takeMoments(state, j!, j0!, step, time, (ratio) =>
        activation ? edgeOf(activation, ratio) : Number.NaN
      )
    }
    if (network && 'layers' in network) {
      const { layers } = network
      const room = scratch.hidden!
      const measures = yield* iterateHidden(context, layers, block, column, state.looks, room)
      Object.assign(state, measures)
    }
    state.looks++
    state.lookedAt = step
    return isCrossing
  }

  return function* step(block, { looks, report }) {
    const alerts: { condition: 'crossed'; message: string }[] = []
    if (block.length > 0) {
      const [first] = looks
      const start = first?.column === -1 ? first.step : block.steps[0]! - 1
      const times = advanceClock(state, block, start, facts, block.of(member).facts)
      if (matrix) {
        const cosines = yield* fromOwner(scope, 4, () =>
          updateCosines(context, block, member, scratch.lags)
        )
        takeCosines(state, cosines, looks.length > 0)
      }
      for (const { column, step } of looks) {
        if (yield* look(block, column, step, times[column + 1]!)) {
          const message = `step ${step}: J is ${state.j.toFixed(3)}, the edge ${state.boundary.toFixed(3)}`
          alerts.push({ condition: 'crossed', message })
        }
      }
    }
    return {
      ...(report ? { values: figuresOf(state, subject, facts, ports.spectrum?.read()) } : {}),
      alerts,
    }
  }
}

/** Takes the J and J₀ of a look. Returns true if J crosses the edge at this look. */
function takeMoments(
  state: EdgeState,
  j: number,
  j0: number,
  step: number,
  { epoch, exposure }: Time,
  edge: (ratio: number) => number
): boolean {
  Object.assign(state, { j, j0, boundary: edge(j0 / j), lookEpoch: epoch })
  const wasCrossed = state.crossed === 1
  if (j >= state.boundary) state.crossed = 1
  // Beyond the edge, the law that holds before it does not apply.
  if (state.crossed === 0) addToHistory(state, step, [j * j, epoch, exposure])
  return !wasCrossed && state.crossed === 1 && state.looks > 0
}

/** Adds cosines of updates; a look ends the stretch over which they are averaged. */
function takeCosines(state: EdgeState, sums: Float64Array, isLook: boolean): void {
  state.cosinesOne += sums[0]!
  state.pairsOne += sums[1]!
  state.cosinesTwo += sums[2]!
  state.pairsTwo += sums[3]!
  if (!isLook) return
  state.lagOne = state.cosinesOne / state.pairsOne
  state.lagTwo = state.cosinesTwo / state.pairsTwo
  state.cosinesOne = state.pairsOne = state.cosinesTwo = state.pairsTwo = 0
}
