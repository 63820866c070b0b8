/**
 * Whether `svd` says "above" of steps that share nothing, and finds what is shared: 4,096 weights that each follow an
 * optimizer's rule on white gradients of lognormal size, through the engine.
 *
 *     node --import tsx test/evidence/nulls.ts [runs of each kind, default 20] [first seed] [alone|shared]
 *
 * `excess` is captured less the walks' mean, `scatter` the walks' standard deviation. Exit code 1 where more than 1 % of the runs
 * that share nothing are above, or fewer than 90 % of those that share two directions with a fifth of the energy.
 */
import { svd } from '../../src/stages/svd/index.ts'
import { analyseRecording } from '../stages/harness.ts'
import { rules, stepsOf } from '../stages/svd/optimizers.ts'

const weights = 4096
const steps = 208

interface Told {
  readonly captured: number
  readonly capturedNull: number
  readonly capturedNullError: number
  readonly capturedExcess: number
  readonly beyondNull: string
}

export function told(deltas: Float64Array[], seed: number): Told {
  const { summaries } = analyseRecording({ deltas: [deltas] }, svd(), {
    seed,
    emit: { every: 1000 },
  })
  return summaries.at(-1)!.values as unknown as Told
}

const sharesOf: Readonly<Record<string, readonly number[]>> = {
  alone: [0],
  shared: [0.2],
  both: [0, 0.2],
}

function main(runs: number, first: number, which: string): void {
  let [alone, said, found, planted] = [0, 0, 0, 0]
  console.log(`${weights} weights, ${steps} steps, ${runs} runs of each kind, seeds from ${first}`)
  for (const share of sharesOf[which]!) {
    console.log(share === 0 ? 'nothing shared' : 'two shared directions, a fifth of the energy')
    for (const spread of [1, 0.5]) {
      for (const kind of Object.keys(rules)) {
        const all = Array.from({ length: runs }, (_, i) =>
          told(
            stepsOf(kind, { weights, steps, spread, share }, 1000 * (first + i) + 10 * spread),
            first + i
          )
        )
        const above = all.filter(({ beyondNull }) => beyondNull === 'above').length
        const mean = (of: (value: Told) => number): number =>
          all.reduce((sum, value) => sum + of(value), 0) / runs
        const excess = mean((value) => value.captured - value.capturedNull)
        const worst = Math.max(...all.map((v) => (v.captured - v.capturedNull) / v.capturedExcess))
        if (share === 0) {
          said += above
          alone += runs
        } else {
          found += above
          planted += runs
        }
        console.log(
          `  ${kind.padEnd(15)} sizes e^${spread}: captured ${mean((v) => v.captured).toFixed(4)}, excess ${excess.toFixed(4)}, scatter ${mean((v) => v.capturedNullError).toFixed(4)}, above ${above} of ${runs}, largest ${worst.toFixed(2)} of what is told`
        )
      }
    }
  }
  // Without a single one among n runs, the rate is below 3 / n (95 %).
  if (alone > 0) {
    console.log(
      `said of ${said} of ${alone} runs that share nothing (95 %: at most ${percentOf(limit(said), alone)})`
    )
  }
  if (planted > 0) {
    console.log(
      `said of ${found} of ${planted} runs that share two directions (${percentOf(found, planted)})`
    )
  }
  process.exitCode = said <= 0.01 * alone && found >= 0.9 * planted ? 0 : 1
}

const percentOf = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`

/** Upper 95 % limit of a Poisson mean of which `count` was seen. */
function limit(count: number): number {
  const chance = (mean: number): number => {
    let term = Math.exp(-mean)
    let sum = term
    for (let k = 1; k <= count; k++) {
      term *= mean / k
      sum += term
    }
    return sum
  }
  let mean = count
  while (chance(mean) > 0.05) mean += 0.01
  return mean
}

if (process.argv[1] === import.meta.filename) {
  main(Number(process.argv[2] ?? 20), Number(process.argv[3] ?? 1), process.argv[4] ?? 'both')
}
