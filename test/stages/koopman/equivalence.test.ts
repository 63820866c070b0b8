// Two optimizers that are one in other coordinates, as streams through the command line: their published spectra.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Optimizer } from '../../../experiments/equivalence/optimizers.ts'
import { streamOf } from '../../../experiments/equivalence/stream.ts'
import { assign } from '../../../src/linalg/assignment.ts'
import type { KoopmanValues } from '../../../src/stages/koopman/report.ts'
import { joined } from '../../../src/wire/joined.ts'
import { lines, thalweg } from '../../support/thalweg.ts'

const equivalence = suite('spectra of online mirror descent and online gradient descent')

/** As Redman et al. (2024) print them. */
const published = {
  omd: [0.558, 0.565, 0.793, 0.801, 0.925, 0.932, 0.98, 0.984, 0.996, 0.998],
  ogd: [0.556, 0.571, 0.8, 0.818, 0.935, 0.949, 0.987, 0.994, 0.9986, 1.0005],
}

type Points = readonly (readonly [re: number, im: number])[]

const golden = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), 'utf8'))

const released: Readonly<Record<Optimizer, Points>> = golden('redman').eigenvalues

/** Mean distance of points that are matched one to one as cheaply as possible. */
function distance(a: Points, b: Points): number {
  const n = a.length
  const cost = Float64Array.from({ length: n * n }, (_, at) => {
    const [x, y] = [a[Math.floor(at / n)]!, b[at % n]!]
    return Math.hypot(x[0] - y[0], x[1] - y[1])
  })
  return assign(cost, n).reduce((sum, j, i) => sum + cost[i * n + j]!, 0) / n
}

const computed: Readonly<Record<Optimizer, Points>> = golden('equivalence')

/** The last values of `koopman`, from a stream through the command line. */
async function analysed(name: Optimizer): Promise<KoopmanValues> {
  const args = ['run', 'experiments/equivalence/pipeline.json', '--quiet']
  const { code, stdout, stderr } = await thalweg(args, joined([...streamOf(name)]))
  assert.is(code, 0, stderr)
  return lines(stdout).findLast(({ type }) => type === 'koopman')!
    .values as unknown as KoopmanValues
}

for (const name of ['omd', 'ogd'] as const) {
  equivalence(`${name}: published digits, and NumPy's to 1e-6`, async () => {
    const { eigenvalues, modes } = await analysed(name)
    const own = eigenvalues!.map(([re]) => re).sort((a, b) => a - b)
    assert.ok(eigenvalues!.every(([, im]) => im === 0))
    published[name].forEach((value, i) => {
      assert.ok(Math.abs(own[i]! - value) < 1e-3, `${own[i]} for ${value}`)
    })
    const others = computed[name].map(([re]) => re).sort((a, b) => a - b)
    others.forEach((value, i) => {
      assert.ok(Math.abs(own[i]! - value) < 1e-6, `${own[i]} for ${value}`)
    })
    assert.ok(modes!.every(({ verdict }) => verdict === 'real'))
  })
}

equivalence("bisection: NumPy's to 1e-4, and the four that are rounding are spurious", async () => {
  const { eigenvalues, modes } = await analysed('bisection')
  for (const [re, im] of computed.bisection.slice(0, 6)) {
    const apart = eigenvalues!.map((own) => Math.hypot(own[0] - re, own[1] - im))
    assert.ok(Math.min(...apart) < 1e-4, `${re} ${im}`)
  }
  assert.is(eigenvalues!.filter((own) => Math.hypot(...own) < 1e-3).length, 4)
  const verdicts = modes!.map(({ modulus, verdict }) => [modulus < 1e-3, verdict])
  assert.ok(verdicts.every(([none, verdict]) => verdict === (none ? 'spurious' : 'real')))
})

equivalence('W0: distances of the released spectra to 1e-6', () => {
  for (const [a, b, expected] of [
    ['omd', 'ogd', 0.008073],
    ['omd', 'bisection', 0.746023],
    ['ogd', 'bisection', 0.753449],
  ] as const) {
    const found = distance(released[a], released[b])
    assert.ok(Math.abs(found - expected) < 1e-6, `${a}, ${b}: ${found}`)
  }
})

equivalence('W1: identical spectra are 0 apart, moved ones by as much as they moved', () => {
  assert.is(distance(released.omd, released.omd.toReversed()), 0)
  const moved = released.omd.map(([re, im]) => [re + 1e-3, im] as const)
  assert.ok(Math.abs(distance(released.omd, moved) - 1e-3) < 1e-15)
})

equivalence.run()
