import { filterStep, logDensities } from '../../stages/phases/model.ts'
import type { Hmm } from './hmm.ts'

/** The posterior of a run's states. */
export interface Posterior {
  /** Probability of each state at each look, given all looks. */
  readonly states: readonly Float64Array[]
  /** Expected transitions, K x K by rows. */
  readonly transitions: Float64Array
  readonly logLikelihood: number
}

/** The forward-backward algorithm on a run (Rabiner 1989). Each look is scaled by its likelihood. */
export function posteriorOf(hmm: Hmm, looks: readonly Float64Array[]): Posterior {
  const states = hmm.start.length
  const transitions = new Float64Array(states * states)
  const densities = logDensities(hmm)
  if (!densities) {
    const even = new Float64Array(states).fill(1 / states)
    return { states: looks.map(() => even), transitions, logLikelihood: -Infinity }
  }
  const logs = looks.map(densities)
  const steps: number[] = []
  const filtered: Float64Array[] = []
  for (const own of logs) {
    const after = new Float64Array(states)
    steps.push(filterStep(hmm, own, filtered.at(-1), after))
    filtered.push(after)
  }
  const smoothed = [...filtered]
  let later = new Float64Array(states).fill(1)
  for (let t = looks.length - 2; t >= 0; t--) {
    const ahead = logs[t + 1]!.map((own, k) => Math.exp(own - steps[t + 1]!) * later[k]!)
    const before = new Float64Array(states)
    for (let j = 0; j < states; j++) {
      for (let k = 0; k < states; k++) {
        const move = hmm.transitions[j]![k]! * ahead[k]!
        before[j]! += move
        transitions[j * states + k]! += filtered[t]![j]! * move
      }
    }
    smoothed[t] = filtered[t]!.map((own, k) => own * before[k]!)
    later = before
  }
  return { states: smoothed, transitions, logLikelihood: steps.reduce((a, b) => a + b, 0) }
}

/** The likeliest sequence of states (Viterbi). */
export function pathOf(hmm: Hmm, looks: readonly Float64Array[]): number[] {
  const densities = logDensities(hmm)
  if (!densities) return looks.map(() => 0)
  const moves = hmm.transitions.map((row) => row.map(Math.log))
  let scores = new Float64Array(0)
  const from: number[][] = []
  for (const look of looks) {
    const logs = densities(look)
    const isFirst = from.length === 0
    const back = isFirst ? [] : hmm.start.map((_, k) => bestBefore(scores, moves, k))
    const entering = (k: number): number =>
      isFirst ? Math.log(hmm.start[k]!) : scores[back[k]!]! + moves[back[k]!]![k]!
    scores = logs.map((own, k) => own + entering(k))
    from.push(back)
  }
  let state = scores.indexOf(Math.max(...scores))
  const path = [state]
  for (let t = looks.length - 1; t > 0; t--) {
    state = from[t]![state]!
    path.push(state)
  }
  return path.reverse()
}

function bestBefore(
  scores: Float64Array,
  moves: readonly (readonly number[])[],
  k: number
): number {
  let best = 0
  for (let j = 1; j < scores.length; j++) {
    if (scores[j]! + moves[j]![k]! > scores[best]! + moves[best]![k]!) best = j
  }
  return best
}
