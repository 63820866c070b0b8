import { metricNames, type PhaseModel } from '../../stages/phases/model.ts'
import { pathOf } from './posterior.ts'
import { type Sequence, standardised } from './sequences.ts'

export interface State {
  readonly state: number
  /** Number of runs that are in it at any time. */
  readonly runs: number
  /** Share of all looks. */
  readonly share: number
  /** Mean step at which runs first reach it. */
  readonly firstStep: number
}

export interface Transition {
  readonly from: number
  readonly to: number
  readonly runs: number
  /** Mean step of the transition. */
  readonly step: number
  /** The metrics that differ most between the two states, in standard deviations, the largest first. */
  readonly changes: readonly { readonly metric: string; readonly by: number }[]
}

/** Which states runs go through, and in which order. States and transitions that are on no run's likeliest path are left out. */
export interface TrainingMap {
  readonly states: readonly State[]
  readonly transitions: readonly Transition[]
  /** State of each look, by run. */
  readonly paths: readonly (readonly number[])[]
}

const named = 3

export function mapOf(model: PhaseModel, sequences: readonly Sequence[]): TrainingMap {
  const paths = sequences.map((own) => pathOf(model, standardised(own, model)))
  const all = paths.flat()
  const states = model.start.flatMap((_, state) => {
    const firsts = paths.flatMap((path, i) => {
      const at = path.indexOf(state)
      return at < 0 ? [] : [sequences[i]!.steps[at]!]
    })
    if (firsts.length === 0) return []
    const share = all.filter((own) => own === state).length / all.length
    return [{ state, runs: firsts.length, share, firstStep: meanOf(firsts) }]
  })
  return {
    states: states.sort((a, b) => a.firstStep - b.firstStep),
    transitions: transitionsOf(model, sequences, paths),
    paths,
  }
}

function transitionsOf(
  { means }: PhaseModel,
  sequences: readonly Sequence[],
  paths: readonly (readonly number[])[]
): Transition[] {
  const found = new Map<string, { from: number; to: number; runs: Set<number>; steps: number[] }>()
  for (const [i, path] of paths.entries()) {
    for (let t = 1; t < path.length; t++) {
      const [from, to] = [path[t - 1]!, path[t]!]
      if (from === to) continue
      const key = `${from}-${to}`
      const own = found.get(key) ?? { from, to, runs: new Set(), steps: [] }
      own.runs.add(i)
      own.steps.push(sequences[i]!.steps[t]!)
      found.set(key, own)
    }
  }
  const list = [...found.values()].map(({ from, to, runs, steps }) => ({
    from,
    to,
    runs: runs.size,
    step: meanOf(steps),
    changes: changesOf(means[from]!, means[to]!),
  }))
  return list.sort((a, b) => b.runs - a.runs || a.step - b.step)
}

function changesOf(from: readonly number[], to: readonly number[]): Transition['changes'] {
  return metricNames
    .map((metric, i) => ({ metric, by: to[i]! - from[i]! }))
    .sort((a, b) => Math.abs(b.by) - Math.abs(a.by))
    .slice(0, named)
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length
}
