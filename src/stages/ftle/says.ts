import { amount, type Interval, type Level, type Sentence } from '../../stage/index.ts'
import type { FtleValues, ftleFigures } from './spec.ts'
import type { Verdict } from './verdict/names.ts'

type Said = Sentence<keyof typeof ftleFigures>

/** States the standing verdict no more strongly than it is known, and whether the last look disagrees. */
export function says(values: FtleValues): Said[] {
  const { verdict, latest } = values
  const level: Level = verdict === 'diverging' ? 'warn' : 'info'
  const sentences: Said[] = [{ level, text: sentenceOf(values), figure: 'verdict' }]
  if (latest !== verdict && !(verdict === 'insufficient' || verdict === 'neutral')) {
    const text = `The last look alone says "${latest}". The verdict changes once looks have said so over as many steps as it was read from.`
    sentences.push({ level: 'info', text, figure: 'latest' })
  }
  return sentences
}

function sentenceOf(values: FtleValues): string {
  const { verdict, method, latest, evidence } = values
  const isLocal = method === 'local-linear'
  if (latest !== verdict) {
    // Window and rate belong to the last look, which has another verdict.
    const before = earlier(verdict, isLocal)
    if (before) return `Over ${evidence} steps earlier on ${before}.`
  }
  const during = duringOf(values.window)
  const rate = rateOf(values)
  switch (verdict) {
    case 'chaotic':
      return `Nearby runs move apart exponentially${during}${rate}. The growth is spread over that stretch, does not depend on how far apart they are, and lasts; later steps may still converge.`
    case 'diverging':
      return `The run itself runs away, and its twins move away from it as fast${during}${rate}: that is divergence, not chaos.`
    case 'expanding':
      return isLocal
        ? `The run leaves its own path's centre exponentially${during}${rate}. One run cannot show whether a neighbour would move away from it.`
        : `Separations grew by ${amount(values.efoldings, 2)} e-foldings${during}, but not all conditions of chaos are shown.`
    case 'contracting':
      return isLocal
        ? `The run settles exponentially${during}${rate}, in the directions in which it moves by itself.`
        : `Nearby runs move together${during}${rate}, from the directions in which the twins began.`
    case 'neutral':
      return latest === verdict
        ? neutral(values, during)
        : 'No exponential growth or decay has shown so far.'
    case 'noise-driven':
      return 'The members have noise of their own, or are not declared to share it, so their distance says nothing about chaos.'
    case 'no-perturbation':
      return 'The twins equal member 0 in every weight, so nothing can grow: perturb them.'
    case 'no-twin':
      return 'The run has only one member. To see whether nearby runs move apart, it needs a second, perturbed one.'
    default:
      return 'So far it is not known whether nearby runs move apart or together.'
  }
}

/** Too little change for a rate, or a power of time. */
function neutral({ method, efoldings, powerLawExponent }: FtleValues, during: string): string {
  if (method === 'local-linear') {
    return `The run neither settles nor leaves its path's centre at a rate that can be distinguished from 0${during}.`
  }
  return Math.abs(efoldings) < 1
    ? `The distance between nearby runs changes by less than a factor e${during}. Growth or decay this slow cannot be distinguished from none.`
    : `The distance between nearby runs grows as a power of time${during}, about t^${amount(powerLawExponent ?? Number.NaN, 2)}, and not exponentially.`
}

/** The standing verdict, if it comes from earlier steps than the last look. */
function earlier(verdict: Verdict, isLocal: boolean): string | undefined {
  switch (verdict) {
    case 'chaotic':
      return 'nearby runs moved apart exponentially, evenly and at a rate that did not depend on their distance'
    case 'diverging':
      return 'the run itself ran away, and its twins moved away from it as fast'
    case 'expanding':
      return isLocal
        ? "the run left its own path's centre exponentially"
        : 'separations grew, but not all conditions of chaos were shown'
    case 'contracting':
      return isLocal ? 'the run settled exponentially' : 'nearby runs moved together'
    default:
      return undefined
  }
}

function duringOf(window: Interval | null): string {
  return window ? ` over steps ${window[0]} to ${window[1]}` : ''
}

/** The rate that belongs to the verdict; for a single run, the long-run rate. */
function rateOf({ method, exponents, intervals, spectral, spectralIntervals }: FtleValues): string {
  const isLocal = method === 'local-linear'
  const rate = (isLocal ? spectral : exponents)?.[0]
  const interval = (isLocal ? spectralIntervals : intervals)?.[0]
  if (rate === undefined || !Number.isFinite(rate)) return ''
  const ends = interval?.map((end) => amount(end, 2))
  return `, at ${amount(rate, 2)} per step${ends ? ` (95 %: ${ends[0]} to ${ends[1]})` : ''}`
}
