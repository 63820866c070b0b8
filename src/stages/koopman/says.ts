import { amount, counted, percent, type Sentence } from '../../stage/index.ts'
import type { KoopmanValues } from './report.ts'
import { koopmanFigures } from './spec.ts'

type Said = Sentence<keyof typeof koopmanFigures>

export function says(values: KoopmanValues): Said[] {
  const { explained, modes } = values
  if (!modes) return [{ level: 'info', text: 'No linear map can be fitted to the run yet.' }]
  if (Number.isNaN(explained)) {
    const text = 'All steps are alike: the run goes straight on, and a map has nothing to tell.'
    return [{ level: 'info', text, figure: 'modes' }]
  }
  const text = `${verdictOf(values)}; ${explainedOf(values)}.`
  return [{ level: 'info', text, figure: 'verdict' }, ...doubts(values)]
}

function verdictOf(values: KoopmanValues): string {
  const { verdict } = values
  const words = koopmanFigures.verdict.words[verdict].replace(/\.$/, '')
  const factor = factorOf(values)
  switch (verdict) {
    case 'growing':
      return `${words}${factor && `; the one of largest modulus changes ${factor}`}`
    case 'decaying':
      return `All modes shrink${factor && `, the slowest ${factor}`}`
    case 'neutral':
      return `${words}${factor && `: it changes ${factor}`}`
    case 'noise':
      return words
    default:
      return 'Whether the modes grow or shrink cannot be told so far'
  }
}

function factorOf({ slowest, slowestInterval }: KoopmanValues): string {
  if (!Number.isFinite(slowest)) return ''
  const range = slowestInterval
    ? ` (95 %: ${amount(slowestInterval[0])} to ${amount(slowestInterval[1])})`
    : ''
  return `by a factor of ${amount(slowest)}${range} a recorded step`
}

function explainedOf({ explained, explainedNull, rank, verdict }: KoopmanValues): string {
  const directions = counted(rank, 'direction')
  // Verdicts depend on what is explained per direction: a map that stands out although it explains less has fewer directions.
  const more = verdict !== 'noise' && explained < explainedNull ? ' in more directions' : ''
  const beside = Number.isFinite(explainedNull)
    ? `, of a random walk it would tell ${percent(explainedNull)}${more}`
    : ', there is no null to compare it with'
  return `the map in ${directions} tells ${percent(explained)} of the steps' variance${beside}`
}

/** Reasons not to take the eigenvalues at face value. */
function doubts({ estimators, changed, changedByChance, lost }: KoopmanValues): Said[] {
  const said: Said[] = []
  if (changed > 0.1 && changed > 3 * changedByChance) {
    said.push({
      level: 'warn',
      text: 'The first and the second half of the run follow different maps, as under a schedule, on a curved loss, or with more modes than the map has directions: the spectrum is an average.',
      figure: 'changed',
    })
  }
  if (estimators === 'apart') {
    said.push({
      level: 'warn',
      text: 'Least squares and total least squares differ by more than their errors: noise biases one of them, or one position is not the whole state (see "delays").',
      figure: 'estimators',
    })
  }
  if (lost > 0.05) {
    said.push({
      level: 'warn',
      text: `${percent(lost)} of the squared positions was lost as the directions turned: keep more of them.`,
      figure: 'lost',
    })
  }
  return said
}
