/**
 * Size and power of the two tests of `thalweg compare`, by spectra of made-up replicates: ten eigenvalues between 0.55 and 0.998,
 * of each run 1 - μ scaled by a factor of its own and each by another (log-normal, 1 % both), one group's scaled by a shift too.
 *
 * `node --import tsx test/evidence/compare.ts [repeats]`; exits with 1 where the permutation test's size is not 3 to 7 %.
 */
import { compareGroups, type Question } from '../../src/node/compare/compare.ts'
import type { Spectrum } from '../../src/node/compare/reading/figures.ts'
import type { ComparedRun } from '../../src/node/compare/reading/runs.ts'
import { swapControl } from '../../src/node/compare/testing/swaps.ts'
import { Random } from '../../src/node/train/random.ts'

const repeats = Number(process.argv[2] ?? 1000)
const gaps = [0.45, 0.43, 0.2, 0.19, 0.07, 0.06, 0.02, 0.015, 0.004, 0.002]
const scatter = 0.01
const metric = { plane: 'mu', weights: 'equal' } as const
const question: Question = { metric, across: false, level: 0.05, seed: 0 }

function spectrum(random: Random, shift: number): Spectrum {
  const whole = (1 + shift) * Math.exp(scatter * random.normal())
  const points = gaps.map(
    (gap) => [1 - gap * whole * Math.exp(scatter * random.normal()), 0] as const
  )
  return { points, energies: undefined, spacing: 1, window: null, alike: new Map() }
}

const runOf = (value: Spectrum): ComparedRun => ({
  run: '',
  path: '',
  figures: new Map([['eigenvalues', [{ kind: 'spectrum', value }]]]),
  lacks: new Map(),
})

const random = new Random(20261127, 0)
console.log('runs a side  shift of 1 - μ  permutation test  pair swaps')
for (const runs of [5, 6]) {
  for (const shift of [0, 0.02, 0.05, 0.2]) {
    let [rejected, swapped] = [0, 0]
    for (let i = 0; i < repeats; i++) {
      const side = (own: number) => Array.from({ length: runs }, () => spectrum(random, own))
      const [a, b] = [side(0), side(shift)]
      const groups = [a, b].map((own, g) => ({ name: String(g), runs: own.map(runOf) }))
      const [found] = await compareGroups(groups[0]!, groups[1]!, question, async () => [])
      if (found && 'test' in found && found.test!.p <= 0.05) rejected++
      // Of 512 matchings each: a tenth of the repeats says enough.
      if (i % 10 === 0 && swapControl(a[0]!, b[0]!, metric)!.p <= 0.05) swapped++
    }
    const share = (hits: number, of: number) => `${((100 * hits) / of).toFixed(1)} %`
    const cells = [runs, `${100 * shift} %`, share(rejected, repeats)]
    console.log(
      ...cells.map((cell) => String(cell).padStart(14)),
      share(swapped, Math.ceil(repeats / 10))
    )
    const size = rejected / repeats
    if (shift === 0 && (size < 0.03 || size > 0.07)) process.exitCode = 1
  }
}
