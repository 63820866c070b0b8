import { log } from '../../../stage/index.ts'
import { boundedIn, type Reading, stretchOf } from '../reading.ts'
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

/** Contraction with a sign that it will end, as on the way to a limit cycle. */
export function contractionInPart(reading: Reading, weights: number): Said | undefined {
  const span = shrinkingSpan(reading)
  const doubt = span && doubtOf(reading, span, weights)
  return doubt ? said('insufficient', doubt) : undefined
}

function shrinkingSpan({ course, twin, growth, stretch }: Reading): Span | undefined {
  return [growth, stretch].find((span) => contracts(curveOver(course, twin, span)))
}

/**
 * Why contraction may end, if so. A separation that at first shrinks in nearly all directions leaves the one that does not shrink: on a
 * cycle, the direction of the run's own motion. Another twin, which began elsewhere, may show this earlier, and so may the run's motion.
 */
function doubtOf(reading: Reading, span: Span, weights: number): string | undefined {
  const { course, twin } = reading
  const falls = fallsOf(reading, span)
  const change = foldings(falls[0]!)
  if (!falls.some((_, i) => Math.min(...falls.slice(0, i + 1)) >= leastFall(weights, i + 1))) {
    const twins = falls.length === 1 ? 'one twin' : `${falls.length} twins`
    const needed = leastFall(weights, falls.length).toFixed(2)
    return `a decline by ${change}; of ${weights} weights and with ${twins}, ${needed} are needed, since one direction that does not shrink may show no earlier`
  }
  if (course.twins.some((_, other) => other !== twin && staysBehind(reading, other, span))) {
    return `a decline by ${change} that another twin does not share`
  }
  return movesOn(reading, span)
    ? `a decline by ${change} across the run's own motion, which goes on; along it separations stay`
    : undefined
}

/** Accepted chance that a direction which does not shrink stays hidden from all twins. */
const hidden = 0.005

/**
 * e-foldings by which separations in this many weights must have fallen. Once all other parts are gone, a separation is left with its share
 * along the direction that does not shrink. If it began in a random direction of n weights, this share is below x with a probability below
 * x √(2 (n - 1) / π); for k twins at once, with the k-th power of that.
 */
function leastFall(weights: number, twins: number): number {
  return Math.max(leastFoldings, log((2 * (weights - 1)) / Math.PI) / 2 - log(hidden) / twins)
}

/**
 * How far separations fell: for the twin that is read, and for each other twin whose separation began at half a right angle or more to
 * those before it.
 */
function fallsOf({ course, twin, stretch }: Reading, span: Span): number[] {
  const own = course.twins[twin]!
  const falls = [Math.max(own[span.from]!, own[stretch.from]!) - own[span.to]!]
  course.twins.forEach((logs, other) => {
    const its = other === twin ? undefined : stretchOf(course, other)
    if (!its || course.across[Math.max(other, twin)]![its.from]! < -log(2) / 2) return
    falls.push(logs[its.from]! - logs[its.to]!)
  })
  return falls
}

const partOf = (logs: Float64Array, { from, to }: Span): Float64Array => logs.subarray(from, to + 1)

/** Whether another twin, over the steps in which both are within bounds, has not shrunk by three e-foldings, or lately not half as fast. */
function staysBehind({ course, twin }: Reading, other: number, span: Span): boolean {
  const common = boundedIn(course, other, span)
  if (!common || common.to - common.from < leastPoints) return false
  const own = partOf(course.twins[twin]!, common)
  const its = partOf(course.twins[other]!, common)
  // If bounds cut the other twin's stretch, there is no room for three e-foldings.
  const isCut = common.from > span.from || common.to < span.to
  const least = isCut ? changeOf(own) / 2 : -leastFoldings
  return changeOf(its) > least || changeOf(lastThirdOf(its)) > changeOf(lastThirdOf(own)) / 2
}

/** Whether the run's steps, and the part of the separation along them, shrink by less than half as much as the separation. */
function movesOn({ course, twin }: Reading, span: Span): boolean {
  const logs = partOf(course.twins[twin]!, span)
  const pace = partOf(course.pace, span)
  const along = partOf(course.along[twin]!, span)
  const half = changeOf(logs) / 2
  return changeOf(pace) > half && changeOf(logs.map((d, i) => d + along[i]! - pace[i]!)) > half
}
