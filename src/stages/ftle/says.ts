import { amount, type Interval, type Level, type Sentence } from '../../stage/index.ts'
import type { FtleValues, ftleFigures } from './spec.ts'

type Said = Sentence<keyof typeof ftleFigures>

/** What stands, no stronger than it is known; and whether the last look says otherwise. */
export function says(values: FtleValues): Said[] {
  const { verdict, latest } = values
  const level: Level = verdict === 'diverging' ? 'warn' : 'info'
  const sentences: Said[] = [{ level, text: sentenceOf(values), figure: 'verdict' }]
  if (latest !== verdict && !(verdict === 'insufficient' || verdict === 'neutral')) {
    const text = `The last look alone says "${latest}"; what stands gives way when looks have said so for as long as it took.`
    sentences.push({ level: 'info', text, figure: 'latest' })
  }
  return sentences
}

function sentenceOf(values: FtleValues): string {
  const { verdict, method, latest, efoldings } = values
  // Window and rate are the last look's: what stands was read from others where it says otherwise.
  const isRead = latest === verdict
  const during = isRead ? duringOf(values.window) : ''
  const rate = isRead ? rateOf(values) : ''
  const grown = isRead ? ` by ${amount(efoldings, 2)} e-foldings` : ''
  switch (verdict) {
    case 'chaotic':
      return `Nearby runs part exponentially${during}${rate}. The growth is spread over that stretch, does not depend on how far apart they are, and goes on; later steps may still converge.`
    case 'diverging':
      return `The run itself runs away, and its twins part from it as fast${during}${rate}: that is divergence, not chaos.`
    case 'expanding':
      return method === 'local-linear'
        ? `The run leaves its own path's centre exponentially${during}${rate}. Whether a neighbour would part from it, one run cannot show.`
        : `Separations grow${grown}${during}, but not all that chaos takes is shown.`
    case 'contracting':
      return method === 'local-linear'
        ? `The run settles exponentially${during}${rate}, in the directions in which it moves by itself.`
        : `Nearby runs come together exponentially${during}${rate}, from the directions in which the twins began.`
    case 'neutral':
      return method === 'local-linear'
        ? `The run neither settles nor leaves its path's centre at a rate that can be told from 0${during}.`
        : `Nearby runs neither part nor come together exponentially${during}.`
    case 'noise-driven':
      return `Noise of their own drives the runs apart${during}, so how fast they part says nothing of chaos.`
    case 'no-perturbation':
      return 'The twins equal member 0 in every weight, so nothing can grow: perturb them.'
    case 'no-twin':
      return 'The run has one member, and a second one, perturbed, is needed to see whether nearby runs part.'
    default:
      return 'Whether nearby runs part or come together cannot be told so far.'
  }
}

function duringOf(window: Interval | null): string {
  return window ? ` over steps ${window[0]} to ${window[1]}` : ''
}

/** The rate that the verdict speaks of: of one run alone, that of the long run. */
function rateOf({ method, exponents, intervals, spectral, spectralIntervals }: FtleValues): string {
  const isLocal = method === 'local-linear'
  const rate = (isLocal ? spectral : exponents)?.[0]
  const interval = (isLocal ? spectralIntervals : intervals)?.[0]
  if (rate === undefined || !Number.isFinite(rate)) return ''
  const ends = interval?.map((end) => amount(end, 2))
  return `, at ${amount(rate, 2)} per step${ends ? ` (95 %: ${ends[0]} to ${ends[1]})` : ''}`
}
