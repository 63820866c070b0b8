import { type Reading, readingOf } from '../reading.ts'
import type { Series } from '../series.ts'
import { type Judgement, judge } from './rules.ts'
import { hear, type Stand, type Standing } from './standing.ts'

/** Settings of a look at a series. */
export interface View {
  readonly window: number | undefined
  readonly isTangent: boolean
  readonly coupled: boolean
  /** Number of weights looked at. */
  readonly weights: number
  /** Why there is nothing to read, if so. */
  readonly missing: string
}

export interface Look {
  readonly reading: Reading | undefined
  readonly judgement: Judgement
  /** The standing verdict, updated if a look was due. */
  readonly stand: Stand
}

/** Looks at a series. If a look is due, updates the standing verdict. */
export function look(series: Series, standing: Standing, view: View): Look {
  const { window, isTangent, coupled, weights, missing } = view
  const reading = readingOf(series, window, isTangent)
  const judgement = judge({
    vectors: series.vectors,
    isTangent,
    coupled,
    weights,
    known: series.hasNorm((norm) => norm >= 0),
    apart: series.hasNorm((norm) => norm > 0),
    reading,
    missing,
  })
  if (standing.isDue(series.offered)) {
    const stand = hear(standing.stand, judgement.verdict, judgement.steps, series.clock)
    standing.keep(stand, series.offered)
  }
  return { reading, judgement, stand: standing.stand }
}
