import { mkdirSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { written } from '../../src/engine/settings/written.ts'
import { analysing, inputOf, posting, reading } from './oracles.ts'
import { inThreads } from './threads.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
    inputs: { type: 'string' },
    seconds: { type: 'string' },
    analyse: { type: 'string', default: '4' },
  },
})
const seed = Number(values.seed)
const from = Number(values.from)
const end = from + Number(values.inputs ?? (values.seconds ? Number.POSITIVE_INFINITY : 1000))
const until = performance.now() + 1000 * Number(values.seconds ?? Number.POSITIVE_INFINITY)

/** Each so-manieth input goes through each oracle: of those that take longer fewer. */
const share = Number(values.analyse)
const every = { analysing: share, posting: 10 * share, threads: 1000 * share }

const outcomes = new Map<string, number>()
const counts = { inputs: 0, analysed: 0, posted: 0, threaded: 0 }
let said = performance.now()
for (let number = from; number < end && performance.now() < until; number++) {
  const input = inputOf(seed, number)
  try {
    const outcome = reading(input)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    counts.inputs++
    // An input that is given by its number goes through all.
    const isOne = end - from === 1
    const due = (one: number): boolean => isOne || number % one === 0
    if (!due(every.analysing)) continue
    const whole = analysing(input)
    counts.analysed++
    if (due(every.posting)) {
      await posting(input)
      counts.posted++
    }
    if (due(every.threads)) {
      await inThreads(input, whole)
      counts.threaded++
    }
  } catch (error) {
    mkdirSync('out', { recursive: true })
    const file = `out/fuzz-${seed}-${number}.thalweg`
    writeFileSync(file, input.stream)
    const { stages, ...settings } = input.settings
    const pipeline = { ...settings, stages: stages.map(written) }
    console.error(
      `--seed ${seed} --from ${number} --inputs 1 fails; its stream is in ${file}, its pipeline`
    )
    console.error(JSON.stringify(pipeline))
    throw error
  }
  if (performance.now() - said > 60_000) {
    said = performance.now()
    console.log(`${number - from + 1} inputs`)
  }
}
const rows = [...outcomes].sort(([, a], [, b]) => b - a)
console.log(
  `seed ${seed}: ${counts.inputs} inputs read, ${counts.analysed} of them analysed in four ways, ` +
    `${counts.posted} posted, ${counts.threaded} in threads: no oracle failed`
)
console.log(rows.map(([outcome, count]) => `${outcome} ${count}`).join(', '))
