// How long a process takes from its start to the first summary, in each runtime that is installed.

import type { ColdStart } from '../cases/cold-start.ts'
import { makePrograms } from '../runtimes/programs.ts'
import { here, runtimes } from '../runtimes/runtimes.ts'
import { table } from './timing.ts'

const parts = ['process', 'import', 'instantiate', 'firstFrame', 'firstSummary'] as const
type Parts = Record<(typeof parts)[number], number>

const head = [
  'ms, least',
  'process',
  'import',
  'instantiate',
  'first frame',
  'first summary',
  'all',
]

/** Each part's least time over `rounds` processes; what the runtime itself takes to start and end is `process`. */
export async function coldStartTable(rounds: number): Promise<string> {
  const programs = await makePrograms()
  const present = [here, ...runtimes].filter(({ missing }) => missing === undefined)
  const least = new Map<string, Parts>()
  for (let round = 0; round < rounds; round++) {
    for (const { name, perform } of present) {
      const start = performance.now()
      const inside = JSON.parse(await perform(programs, 'cold-start')) as ColdStart
      const outside = performance.now() - start
      const sum = Object.values(inside).reduce((a, b) => a + b)
      const times: Parts = { process: outside - sum, ...inside }
      const before = least.get(name) ?? times
      for (const part of parts) times[part] = Math.min(times[part], before[part])
      least.set(name, times)
    }
  }
  const rows = Array.from(least, ([name, times]) => {
    const own = parts.map((part) => times[part])
    return [name, ...[...own, own.reduce((a, b) => a + b)].map((ms) => ms.toFixed(1))]
  })
  return table([head, ...rows])
}
