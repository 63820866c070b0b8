import { amount, percent, type Sentence } from '../../stage/index.ts'
import type { KoopmanValues } from './report.ts'
import { koopmanFigures } from './spec.ts'

type Said = Sentence<keyof typeof koopmanFigures>

export function says(values: KoopmanValues): Said[] {
  const { verdict, explained, modes } = values
  if (!modes || Number.isNaN(explained)) {
    return [{ level: 'info', text: 'No linear map can be fitted to the run yet.' }]
  }
  const words = koopmanFigures.verdict.words[verdict]
  const text = `${words.replace(/\.$/, '')}${slowestOf(values)}; ${explainedOf(values)}.`
  return [{ level: 'info', text, figure: 'verdict' }, ...doubts(values)]
}

function slowestOf({ verdict, slowest, slowestInterval }: KoopmanValues): string {
  if (!Number.isFinite(slowest) || verdict === 'noise') return ''
  const range = slowestInterval
    ? ` (95 %: ${amount(slowestInterval[0])} to ${amount(slowestInterval[1])})`
    : ''
  return `, the slowest by a factor of ${amount(slowest)}${range} a recorded step`
}

function explainedOf({ explained, explainedNull, rank }: KoopmanValues): string {
  const beside = Number.isFinite(explainedNull)
    ? `, of a random walk it would tell ${percent(explainedNull)}`
    : ', there is no null to compare it with'
  return `the map in ${rank} directions tells ${percent(explained)} of the steps' variance${beside}`
}

/** What speaks against reading the eigenvalues as they are. */
function doubts({ estimators, changed, changedByChance, lost }: KoopmanValues): Said[] {
  const said: Said[] = []
  if (changed > 0.1 && changed > 3 * changedByChance) {
    said.push({
      level: 'warn',
      text: 'The first and the second half of the run follow different maps, as under a schedule or on a curved loss: the spectrum is an average.',
      figure: 'changed',
    })
  }
  if (estimators === 'apart') {
    said.push({
      level: 'warn',
      text: 'Least squares and total least squares differ by more than their errors: noise biases one of them.',
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
