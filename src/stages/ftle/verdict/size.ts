import { exp } from '../../../stage/index.ts'
import { boundedIn, type Reading } from '../reading.ts'
import type { Measures } from './measures.ts'
import { foldings, leastPoints, percent, type Said, said } from './names.ts'

/** How alike twins of two sizes grow, over the part of the window that both spend between floor and saturation. */
export interface Agreement {
  /** Ratio of the larger size to the smaller one at the beginning. */
  readonly ratio: number
  /** Σ (growth of the smaller - growth of the larger)² / Σ growth of the smaller², over eighths and over sixteenths. */
  readonly eighths: number
  readonly sixteenths: number
}

/** Least ratio of compared sizes, somewhat below a hundred. */
const leastRatio = 60
/** e-foldings that the larger twin keeps from floor and saturation, and that the smaller one must have grown by. */
const margin = 3

/** What a single twin must show: growth over this many decades, in this many parts. */
const [leastDecades, leastParts] = [3, 6]

/** Compares the twin that is read with every twin that is larger by that ratio. */
export function agreementsOf({ course, twin, growth }: Reading): Agreement[] {
  const small = course.twins[twin]!
  return course.twins.flatMap((large, other) => {
    const common = other === twin ? undefined : boundedIn(course, other, growth, margin)
    if (!common) return []
    const { from, to } = common
    if (to - from < leastPoints || small[to]! - small[from]! < margin) return []
    const ratio = exp(large[from]! - small[from]!)
    if (ratio < leastRatio) return []
    const over = (pieces: number): number =>
      differenceOver(small.subarray(from, to + 1), large.subarray(from, to + 1), pieces)
    return [{ ratio, eighths: over(8), sixteenths: over(16) }]
  })
}

function differenceOver(a: Float64Array, b: Float64Array, pieces: number): number {
  const n = a.length - 1
  let apart = 0
  let whole = 0
  for (let k = 0; k < pieces; k++) {
    const from = Math.floor((k * n) / pieces)
    const to = Math.floor(((k + 1) * n) / pieces)
    const own = a[to]! - a[from]!
    const other = b[to]! - b[from]!
    apart += (own - other) * (own - other)
    whole += own * own
  }
  return apart / Math.max(whole, Number.MIN_VALUE)
}

/** Growth that is not, or is not known to be, growth of infinitesimal separations. */
export function finiteSize({ grown, spread, agreements }: Measures): Said | undefined {
  const growth = `growth by ${foldings(grown)}`
  const differs = agreements.find(({ eighths, sixteenths }) => eighths > 0.35 || sixteenths > 0.5)
  if (differs) {
    const { ratio, eighths, sixteenths } = differs
    const share = percent(Math.sqrt(Math.max(eighths, sixteenths)))
    return said(
      'expanding',
      `${growth}, but a twin ${ratio.toFixed(0)} times as far away grows otherwise, by ${share} of the growth from stretch to stretch: it is growth of finite separations`
    )
  }
  if (agreements.length > 0) return undefined
  const reason =
    grown < leastDecades * Math.LN10
      ? `is less than ${leastDecades} decades`
      : spread.parts < leastParts
        ? `is equal to ${spread.parts.toFixed(1)} equal parts, of ${leastParts} that are needed`
        : undefined
  if (reason === undefined) return undefined
  return said(
    'expanding',
    `${growth} ${reason}, and no twin of another size shows it to be that of infinitesimal separations`
  )
}
