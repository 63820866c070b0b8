import { log } from '../../../stage/index.ts'
import { type Reading, stretchOf } from '../reading.ts'
import type { Span } from '../series.ts'
import { contracts } from './contraction.ts'
import { curveOver } from './course.ts'
import { foldings, leastFoldings, leastPoints, type Said, said } from './names.ts'
import { changeOf, lastThirdOf } from './statistics.ts'

/** Contraction over the window, or over the whole stretch, in all directions that are seen. */
export function contraction(reading: Reading, weights: number): Said | undefined {
  const span = shrinkingSpan(reading)
  if (!span || doubtOf(reading, span, weights)) return undefined
  return said('contracting', 'separations shrink evenly, and still do')
}

/** Contraction of which something shows that it ends, as on the way to a limit cycle. */
export function contractionInPart(reading: Reading, weights: number): Said | undefined {
  const span = shrinkingSpan(reading)
  const doubt = span && doubtOf(reading, span, weights)
  return doubt ? said('insufficient', doubt) : undefined
}

function shrinkingSpan({ course, twin, growth, stretch }: Reading): Span | undefined {
  return [growth, stretch].find((span) => contracts(curveOver(course, twin, span)))
}

/**
 * Why contraction may end, if so. What shrinks at first in nearly all directions leaves the one that does not, along the
 * run's own motion on a cycle: another twin, which began elsewhere, may show it earlier, and so does that motion.
 */
function doubtOf(reading: Reading, span: Span, weights: number): string | undefined {
  const { course, twin, stretch } = reading
  const own = course.twins[twin]!
  const fall = Math.max(own[span.from]!, own[stretch.from]!) - own[span.to]!
  const change = foldings(fall)
  const needed = leastFall(weights)
  if (fall < needed) {
    return `a decline by ${change}; of ${weights} weights ${needed.toFixed(2)} are needed, since one direction that does not shrink shows no earlier`
  }
  if (course.twins.some((_, other) => other !== twin && staysBehind(reading, other, span))) {
    return `a decline by ${change} that another twin does not share`
  }
  return movesOn(reading, span)
    ? `a decline by ${change} across the run's own motion, which goes on; along it separations stay`
    : undefined
}

/**
 * e-foldings that separations in so many weights must have fallen by. One that begins anywhere has 1 / √n of its length along any
 * one direction, and that is what is left once all others are gone.
 */
const leastFall = (weights: number): number => Math.max(leastFoldings, 1 + log(weights) / 2)

const partOf = (logs: Float64Array, { from, to }: Span): Float64Array => logs.subarray(from, to + 1)

/** Whether another twin has not shrunk by three e-foldings, or of late half as fast, over the steps in which both are within bounds. */
function staysBehind({ course, twin }: Reading, other: number, span: Span): boolean {
  const stretch = stretchOf(course, other)
  if (!stretch) return false
  const common = {
    from: Math.max(span.from, stretch.from),
    to: Math.min(span.to, stretch.to),
  }
  if (common.to - common.from < leastPoints) return false
  const own = partOf(course.twins[twin]!, common)
  const its = partOf(course.twins[other]!, common)
  // Where bounds cut the other twin's stretch there is no room for three e-foldings.
  const isCut = common.from > span.from || common.to < span.to
  const least = isCut ? changeOf(own) / 2 : -leastFoldings
  return changeOf(its) > least || changeOf(lastThirdOf(its)) > changeOf(lastThirdOf(own)) / 2
}

/** Whether the run's steps and the part of the separation along them shrink by less than half as much as the separation. */
function movesOn({ course, twin }: Reading, span: Span): boolean {
  const logs = partOf(course.twins[twin]!, span)
  const pace = partOf(course.pace, span)
  const along = partOf(course.along[twin]!, span)
  const half = changeOf(logs) / 2
  return changeOf(pace) > half && changeOf(logs.map((d, i) => d + along[i]! - pace[i]!)) > half
}
