import type { Reading } from '../reading.ts'
import { curveOver } from './course.ts'
import type { Measures } from './measures.ts'
import { foldings, leastFoldings, type Said, said } from './names.ts'
import { leastEvenness } from './spread.ts'

/** Fewest increments for the verdict that nothing changes: eight sums of eight. */
const leastNeutral = 64

/** Change that is too small or too uneven to count as growth. */
export function littleChange(
  { course, twin, growth }: Reading,
  { grown, spread }: Measures
): Said | undefined {
  if (grown >= leastFoldings && spread.evenness >= leastEvenness) return undefined
  const { logs } = curveOver(course, twin, growth)
  const range = logs.reduce((a, b) => Math.max(a, b)) - logs.reduce((a, b) => Math.min(a, b))
  if (range <= 2 && Math.abs(grown) < 1) {
    const { increments } = spread
    return increments >= leastNeutral
      ? said('neutral', `separations stay within a factor e, over ${increments} increments`)
      : said(
          'insufficient',
          `no change, but ${increments} increments are too few to call that neutral`
        )
  }
  const change = `${grown < 0 ? 'a decline' : 'growth'} by ${foldings(grown)}`
  return Math.abs(grown) < leastFoldings
    ? said('insufficient', `${change}; ${leastFoldings} are needed`)
    : said('insufficient', `${change} that is too uneven`)
}
