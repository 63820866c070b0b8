import { exponentsOf } from '../../support/synthetic.ts'
import type { Reached } from './row.ts'

const repeats = 1000

/** How often, over seeds 0 to 999, the interval of the first exponent holds the true one; none given counts as a miss. */
export async function coverage(source: object, stage: object, truth: number): Promise<Reached> {
  const halves: number[] = []
  let covered = 0
  for (let seed = 0; seed < repeats; seed++) {
    const { intervals } = await exponentsOf({ map: 'henon', seed, ...source }, stage)
    const [low, high] = intervals[0] ?? [Number.NaN, Number.NaN]
    covered += Number(low <= truth && truth <= high)
    if (high > low) halves.push((high - low) / 2)
  }
  halves.sort((a, b) => a - b)
  const share = covered / repeats
  const error = 1.96 * Math.sqrt((share * (1 - share)) / repeats)
  const median = halves[halves.length >> 1] ?? Number.NaN
  return {
    figure: `${percent(share)} ± ${percent(error)} %, half-width ${median.toFixed(3)}, ${repeats - halves.length} without`,
    met: share >= 0.93 && share <= 0.98,
  }
}

const percent = (share: number): string => (100 * share).toFixed(1)
