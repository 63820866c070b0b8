import { amount, counted, percent } from '../../stage/words.ts'
import type { Detours } from './detours.ts'
import type { Candidate, PhaseFit } from './fit.ts'
import type { TrainingMap } from './map.ts'

/** A fit as text: first how far it can be trusted, then the candidate models, then the map. */
export function textOf(
  fit: PhaseFit,
  map: TrainingMap,
  detours: Detours | undefined,
  runs: number
): string {
  const lines = [
    ...verdictLines(fit, runs),
    '',
    row('states', 'covariance', 'log likelihood', 'BIC', 'held out, a look'),
    ...fit.candidates.map((own) => candidateLine(own, fit)),
    '',
    ...map.states.map(
      ({ state, runs: own, share, firstStep }) =>
        `state ${state}: ${own} of ${counted(runs, 'run')}, ${percent(share)} of all looks, first at step ${amount(firstStep)}`
    ),
    ...map.transitions.map(({ from, to, runs: own, step, changes }) => {
      const words = changes.map(
        ({ metric, by }) => `${metric} ${by > 0 ? '+' : ''}${by.toFixed(1)}`
      )
      return `${from} -> ${to}: ${own} of ${counted(runs, 'run')}, at step ${amount(step)} (${words.join(', ')})`
    }),
  ]
  if (detours) {
    const { explained, probability, states } = detours
    lines.push(
      '',
      `Time in states explains ${percent(explained)} of the variance of convergence (p = ${amount(probability, 2)}).`,
      ...states.map(
        ({ state }) =>
          `State ${state} is a detour: some runs leave it out, and those in it converge later.`
      )
    )
  }
  return `${lines.join('\n')}\n`
}

function verdictLines({ verdict, comparison, model }: PhaseFit, runs: number): string[] {
  const states = counted(model.start.length, 'state')
  if (!comparison) {
    return [`BIC picks ${states}, but one run cannot tell states from time. Fit several runs.`]
  }
  const { gain, gainError, states: own, time, timeAndMemory } = comparison
  const by = `${amount(gain, 3)} ± ${amount(gainError, 2)} nats a look over ${counted(runs, 'run')}`
  const first =
    verdict === 'states'
      ? `BIC picks ${states}. They tell runs that were held out better than time and the last look do, by ${by}.`
      : `BIC picks ${states}, but they are no better than time alone (${by}).`
  return [
    first,
    `Held out, a look: states ${amount(own, 4)}, time ${amount(time, 4)}, time and the last look ${amount(timeAndMemory, 4)} nats.`,
  ]
}

function candidateLine(own: Candidate, { model, shape }: PhaseFit): string {
  const isPick = own.states === model.start.length && own.shape === shape
  const numbers = [own.logLikelihood, own.bic, own.heldOut].map((value) =>
    Number.isFinite(value) ? value.toFixed(2) : ''
  )
  return `${row(String(own.states), own.shape, ...numbers)}${isPick ? '  picked' : ''}`
}

function row(...cells: string[]): string {
  return cells.map((cell, i) => cell.padStart(i < 2 ? 12 : 18)).join('')
}
