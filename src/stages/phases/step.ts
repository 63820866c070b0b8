import {
  type Block,
  type Mode,
  type Outcome,
  openHeader,
  type StageContext,
  type Step,
  whyOf,
} from '../../stage/index.ts'
import { layScratch, placesOf } from './layout.ts'
import { metricsAfter } from './measure.ts'
import {
  filterStep,
  type LogDensities,
  logDensities,
  metricNames,
  type PhaseModel,
} from './model.ts'
import {
  lookOf,
  modelOf,
  type PhasesOptions,
  type PhasesValues,
  type phasesAlerts,
  type phasesFigures,
} from './spec.ts'
import { type PhasesState, stateShape } from './state.ts'

type PhasesOutcome = Outcome<typeof phasesFigures, keyof typeof phasesAlerts>

export function phasesStep(
  context: StageContext<PhasesOptions>
): (block: Block, mode: Mode<typeof phasesFigures>) => Step<PhasesOutcome> {
  const { arena, options, scope, shape } = context
  const model = modelOf(options)
  const densities = model && logDensities(model)
  const state = openHeader(arena, context.header, stateShape(model))
  const places = placesOf(shape, options)
  const looker = { arena, scope, places, scratch: layScratch(context.scratch, places) }

  return function* step(block, { looks, report }) {
    const alerts: { condition: 'changed'; message: string }[] = []
    for (const { column, step } of looks) {
      const before = state.phase
      const isFirst = state.looks === 0
      Object.assign(state, yield* metricsAfter(looker, block, column))
      if (model && densities) filter(state, model, densities, step)
      state.looks++
      state.lookedAt = step
      if (!isFirst && state.phase !== before) {
        const message = `step ${step}: from phase ${before} to ${state.phase}`
        alerts.push({ condition: 'changed', message })
      }
    }
    return { ...(report ? { values: figuresOf(state, options) } : {}), alerts }
  }
}

/** A step of the filter with the metrics in the state; a look with an unknown metric changes nothing. */
function filter(
  state: PhasesState,
  model: PhaseModel,
  densities: LogDensities,
  step: number
): void {
  const look = lookOf(state).map((value, i) => (value - model.centre[i]!) / model.scale[i]!)
  const isFirst = state.looks === state.unknown
  if (!look.every(Number.isFinite)) {
    state.unknown++
    state.surprise = Number.NaN
    return
  }
  const after = new Float64Array(model.start.length)
  const before = isFirst ? undefined : state.probabilities
  state.surprise = -filterStep(model, densities(look), before, after)
  state.probabilities.set(after)
  const phase = after.indexOf(Math.max(...after))
  if (isFirst || phase !== state.phase) state.since = step
  state.phase = phase
}

function figuresOf(state: PhasesState, options: PhasesOptions): PhasesValues {
  const isLooked = state.looks > 0
  const isFiltered = options.model.fit !== 'none' && state.looks > state.unknown
  const filtered = (value: number): number => (isFiltered ? value : Number.NaN)
  const metrics = Object.fromEntries(
    metricNames.map((name) => [name, isLooked ? state[name] : Number.NaN])
  ) as Record<(typeof metricNames)[number], number>
  return {
    phase: filtered(state.phase),
    fit: options.model.fit,
    probability: filtered(state.probabilities[state.phase]!),
    surprise: filtered(state.surprise),
    since: filtered(state.since),
    ...metrics,
    looks: state.looks,
    lookedAt: isLooked ? state.lookedAt : Number.NaN,
    why: whyOf(
      !isLooked && 'the weights were not looked at yet',
      isLooked && Number.isNaN(state.l2) && 'metrics of matrices need a matrix',
      isLooked && Number.isNaN(state.biasMean) && 'metrics of biases need a selected bias',
      options.model.fit === 'none' && 'phases need a model, which "thalweg phases fit" makes',
      options.model.fit !== 'none' &&
        state.unknown > 0 &&
        'a look that lacks a metric tells no phase'
    ),
  }
}
