import { addToHistory } from '../../stage/index.ts'
import type { Matrices } from './layout.ts'
import type { LookFigures } from './look.ts'
import type { StabilityOptions } from './spec.ts'
import type { StabilityState } from './state.ts'

/** Weight of a look's draws relative to those of the next look. */
const fade = 0.9

/** Number of standard deviations by which the excess over a calm stretch must exceed 0. */
const certain = 3

/** Variance of an excess if steps were random: the variance of one draw, plus that of the null's mean over its draws. */
export function excessVariance(state: StabilityState, { draws }: StabilityOptions): number {
  return (state.variance / state.weight) * (1 + 1 / draws)
}

/** Takes a look into the state. Returns true if the basis settles with this look. */
export function take(
  state: StabilityState,
  figures: LookFigures,
  step: number,
  { sides }: Matrices,
  options: StabilityOptions
): boolean {
  const { nullVariance, ...own } = figures
  Object.assign(state, own)
  state.looks++
  state.lookedAt = step
  const { stability, stabilityNull, flips } = own
  if (Number.isNaN(stability)) return false
  state.variance = fade * state.variance + nullVariance
  state.weight = fade * state.weight + 1
  addToHistory(state, step, [stability, stabilityNull])
  // A flip tells nothing about the other directions.
  const level = stability + (2 * flips) / sides.short
  const isCalm = level >= (state.settled ? 2 * options.settle - 1 : options.settle)
  if (!isCalm) {
    state.calm = state.calmExcess = state.calmVariance = state.settled = 0
    return false
  }
  if (state.calm++ === 0) state.calmSince = step
  state.calmExcess += stability - stabilityNull
  state.calmVariance += excessVariance(state, options)
  if (state.calm < options.patience) return false
  const before = basisOf(state)
  state.settled = 1
  return before !== 'settled' && basisOf(state) === 'settled'
}

/** State of the basis after all looks so far. */
export function basisOf(state: StabilityState): 'turning' | 'calm' | 'settled' | 'insufficient' {
  if (!(state.weight > 0)) return 'insufficient'
  if (state.settled === 0) return 'turning'
  const { calmExcess, calmVariance } = state
  return calmExcess > certain * Math.sqrt(calmVariance) ? 'settled' : 'calm'
}
