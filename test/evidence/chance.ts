/**
 * What stages say of chance alone, for the claims that their READMEs make of it.
 *
 *     node --import tsx test/evidence/chance.ts [runs of each kind, default 100]
 *
 * Verdicts of `koopman` and `path` on random walks; how often `ftle`'s interval of a mean rate holds it where increments are correlated; how
 * far the walks' mean of `svd` moves with the pipeline's seed, and where white steps of few weights have unlike sizes.
 */
import { meanRate } from '../../src/stages/ftle/interval.ts'
import { path } from '../../src/stages/path/index.ts'
import { analyseRecording } from '../stages/harness.ts'
import { frames, gaussian, lastOf } from '../stages/koopman/runs.ts'
import { stepsOf } from '../stages/svd/optimizers.ts'
import { told } from './nulls.ts'

const runs = Number(process.argv[2] ?? 100)
const seeds = Array.from({ length: runs }, (_, i) => i + 1)
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

/** Normal steps of so many weights. */
function walk(weights: number, steps: number, seed: number): Float64Array[] {
  const normal = gaussian(seed)
  return Array.from({ length: steps }, () => new Float64Array(weights).map(() => normal()))
}

/** How many runs got each verdict. */
function counted(verdictOf: (seed: number) => string): string {
  const counts = new Map<string, number>()
  for (const seed of seeds) {
    const verdict = verdictOf(seed)
    counts.set(verdict, (counts.get(verdict) ?? 0) + 1)
  }
  return [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(', ')
}

/** Positions, from 0. */
function positions(steps: readonly Float64Array[]): number[][] {
  const at = Array.from(steps[0]!, () => 0)
  const all = [[...at]]
  for (const step of steps) {
    step.forEach((value, i) => {
      at[i]! += value
    })
    all.push([...at])
  }
  return all
}

const pathOf = (deltas: Float64Array[], seed: number): string =>
  String(
    analyseRecording({ deltas: [deltas] }, path(), { seed, emit: { every: 1e6 } }).summaries.at(-1)!
      .values.verdict
  )

for (const weights of [1, 4, 40, 1000]) {
  for (const steps of [200, 1000]) {
    const modes = counted((seed) => lastOf(frames([positions(walk(weights, steps, seed))])).verdict)
    const course = counted((seed) => pathOf(walk(weights, steps, seed), seed))
    console.log(`walks of ${weights} weights, ${steps} steps: koopman ${modes}; path ${course}`)
  }
}

const [draws, increments, memory] = [2000, 60, 0.8]
let held = 0
for (let seed = 1; seed <= draws; seed++) {
  const normal = gaussian(seed)
  let rate = normal() / Math.sqrt(1 - memory ** 2)
  const logs = new Float64Array(increments + 1)
  for (let i = 1; i <= increments; i++) {
    logs[i] = logs[i - 1]! + rate
    rate = memory * rate + normal()
  }
  const [low, high] = meanRate({ times: logs.map((_, i) => i), logs }).interval
  held += Number(low <= 0 && 0 <= high)
}
console.log(
  `ftle, increments with correlation ${memory}, ${increments} of them: the 95 % interval holds the mean in ${((100 * held) / draws).toFixed(1)} %`
)

const moved: number[] = []
for (const kind of ['sgd', 'momentum', 'adam']) {
  const deltas = stepsOf(kind, { weights: 4096, steps: 208, spread: 0.5, share: 0 }, 7)
  const said = [1, 2, 3, 4].map((seed) => told(deltas, seed))
  const centre = mean(said.map(({ capturedNull }) => capturedNull))
  for (const { capturedNull, capturedNullError } of said) {
    moved.push((capturedNull - centre) ** 2 / capturedNullError ** 2)
  }
}
const few = seeds.slice(0, 20).map((seed) => {
  const deltas = stepsOf('sgd', { weights: 1000, steps: 208, spread: 1, share: 0 }, seed)
  const { captured, capturedNull } = told(deltas, seed)
  return captured - capturedNull
})
console.log(
  `svd: the pipeline's seed moves the walks' mean by ${Math.sqrt((4 / 3) * mean(moved)).toFixed(2)} of its scatter; ` +
    `of 1,000 weights with white steps captured exceeds it by ${mean(few).toFixed(3)}, ${Math.min(...few).toFixed(3)} to ${Math.max(...few).toFixed(3)}`
)
