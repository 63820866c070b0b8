// Whether `cmd` explains what a batch does, whatever the seed, and says groups of independent weights.
//
//   node --import tsx test/evidence/modes.ts noise [seeds] [first seed]
//   node --import tsx test/evidence/modes.ts batch RECORDING...
//   node --import tsx test/evidence/modes.ts columns RECORDING...
//
// `noise`: independent weights under the steps of several optimizers. `batch`: beside the published batch in NumPy, on as many
// positions, modes and samples, five seeds each. `columns`: what
// `explained` lacks with eight columns, beside 32. Recordings: `examples/python/mnist_torch.py --net lenet --momentum 0.9 --lr 0.02 --steps 300`,
// `test/evidence/modes/transformer.py`.

import { cmd } from '../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../src/stages/cmd/spec.ts'
import { analyseFile, reference } from '../acceptance/recorded.ts'
import { analyseRecording } from '../stages/harness.ts'
import { independent, rules } from './modes/noise.ts'

const [what, ...args] = process.argv.slice(2)
if (what === 'noise') noise(Number(args[0] ?? 20), Number(args[1] ?? 0))
else if (what === 'batch') for (const file of args) await batch(file)
else if (what === 'columns') for (const file of args) columns(file)
else throw new Error('names neither "noise", "batch" nor "columns"')

/** Models of independent weights: rows, steps, and the deviation of the logarithm of their sizes. */
function noise(seeds: number, first: number): void {
  const sizes = [
    { rows: 400, steps: 100, spread: 0 },
    { rows: 4000, steps: 200, spread: 0.7 },
    { rows: 1500, steps: 300, spread: 1 },
  ]
  let [runs, groups] = [0, 0]
  for (const [name, rule] of Object.entries(rules)) {
    for (const size of sizes) {
      const values = Array.from({ length: seeds }, (_, i) => {
        const seed = first + i
        const deltas = independent(rule, { ...size, seed: 1000 + seed })
        return analyseRecording({ deltas: [deltas] }, cmd({ seed })).summaries.at(-1)!
          .values as unknown as CmdValues
      })
      const off = values.map(({ explained, explainedNull }) => explained - explainedNull)
      const said = values.filter(({ grouping }) => grouping === 'groups').length
      runs += seeds
      groups += said
      console.log(
        `${name}, ${size.rows} weights, ${size.steps} steps, spread ${size.spread}: explained ${range(values.map((v) => v.explained))}, ` +
          `less chance ${range(off)}, scatter of chance ${mean(values.map((v) => v.explainedNullError)).toFixed(4)}; groups ${said} of ${seeds}`
      )
    }
  }
  console.log(`groups in ${groups} of ${runs} runs`)
}

async function batch(file: string): Promise<void> {
  const seeds = 5
  const options = ['--modes', 10, '--samples', 1000, '--seeds', seeds, '--steps', 1]
  const theirs = await reference<{ explained: number[] }>('batch', file, ...options)
  const ours = Array.from(
    { length: seeds },
    (_, seed) => analyseFile(file, { block: 16 }, cmd({ seed })).get('cmd') as CmdValues
  )
  const own = ours.map(({ explained }) => explained)
  const moving = ours[0]!.modes!.reduce((sum, { size }) => sum + size, ours[0]!.unassigned)
  console.log(
    `${file}: cmd ${range(own)}, batch ${range(theirs.explained)}, chance ${range(ours.map((v) => v.explainedNull))}, ` +
      `said error ${mean(ours.map((v) => v.explainedError)).toFixed(4)}; without a mode ${ours[0]!.unassigned} of ${moving}; ${ours[0]!.grouping}`
  )
}

function columns(file: string): void {
  const [few, many] = [8, 32].map(
    (count) => analyseFile(file, { block: 16 }, cmd({ columns: count })).get('cmd') as CmdValues
  )
  const lack = many!.explained - few!.explained
  console.log(
    `${file}: explained ${few!.explained.toFixed(5)} with 8 columns, ${many!.explained.toFixed(5)} with 32: lacks ${lack.toExponential(1)}; left out ${few!.leftOut.toExponential(1)}`
  )
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Mean, and from where to where. */
function range(values: readonly number[]): string {
  return `${mean(values).toFixed(4)} (${Math.min(...values).toFixed(4)} to ${Math.max(...values).toFixed(4)})`
}
