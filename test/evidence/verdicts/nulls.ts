import { judged } from './judge.ts'
import type { Recorded } from './situation.ts'
import { cocycle, persistent, staircase } from './situations/walks.ts'

interface Null {
  readonly name: string
  run(seed: number): Recorded
}

const one = [1e-11]
const two = [1e-11, 1e-9]

/** Growth in few jumps, of separations that jump alone or at once; and walks of two agreeing twins that have no rate at all. */
const nulls: readonly Null[] = [
  ...[2, 4, 6, 10, 20].flatMap((jumps) => [
    { name: `staircase of ${jumps}, one twin`, run: staircase({ jumps, sizes: one }) },
    { name: `staircase of ${jumps}, two that jump apart`, run: staircase({ jumps, sizes: two }) },
    {
      name: `staircase of ${jumps}, two that jump at once`,
      run: staircase({ jumps, sizes: two, alike: true }),
    },
  ]),
  ...[6, 10].flatMap((jumps) => [
    {
      name: `staircase of ${jumps}, one twin, among steps of 0.05`,
      run: staircase({ jumps, sizes: one, beside: 0.05 }),
    },
    {
      name: `staircase of ${jumps}, two at once, among steps of 0.05`,
      run: staircase({ jumps, sizes: two, beside: 0.05, alike: true }),
    },
  ]),
  ...[0.1, 0.3].map((deviation) => ({
    name: `rates 0 ± ${deviation}, 400 steps`,
    run: cocycle(0, deviation, 400, two),
  })),
  { name: 'rates 0 ± 0.3, 1,000 steps, from 1e-7', run: cocycle(0, 0.3, 1000, [1e-7, 1e-4]) },
  { name: 'rates 0 ± 0.05 that remember .9', run: persistent(1000, [1e-9, 1e-6]) },
]

/** How often, in so many runs of each null from a seed on, a verdict stood at any report. */
export function* nullLines(
  first: number,
  runs: number,
  names: readonly string[]
): Generator<string> {
  yield `${'at any report, of'.padEnd(50)}${runs} runs: chaotic (upper 95 % limit), contracting, expanding`
  for (const { name, run } of nulls) {
    if (names.length > 0 && !names.some((part) => name.includes(part))) continue
    const situation = {
      name,
      truth: 'other',
      right: [],
      isDecidable: false,
      method: 'twin',
      run,
    } as const
    const ever = Array.from({ length: runs }, (_, i) => judged(situation, first + i).ever)
    const count = (verdict: string): number => ever.filter((said) => said.includes(verdict)).length
    const chaotic = count('chaotic')
    yield `${name.padEnd(50)}${chaotic} (${(100 * upperLimit(chaotic, runs)).toFixed(2)} %), ${count('contracting')}, ${count('expanding')}`
  }
}

/** One-sided upper 95 % limit of a rate (Clopper and Pearson 1934): at which so few events are seen in 5 of 100 cases. */
function upperLimit(events: number, runs: number): number {
  let [low, high] = [events / runs, 1]
  for (let k = 0; k < 60; k++) {
    const rate = (low + high) / 2
    let term = (1 - rate) ** runs
    let sum = term
    for (let i = 1; i <= events; i++) sum += term *= ((runs - i + 1) / i) * (rate / (1 - rate))
    if (sum > 0.05) low = rate
    else high = rate
  }
  return high
}
