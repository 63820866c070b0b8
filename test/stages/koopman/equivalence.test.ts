// Two optimizers that are one in other coordinates, as streams through the command line: their published spectra.
import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { optimizers } from '../../../experiments/equivalence/optimizers.ts'
import { streamOf } from '../../../experiments/equivalence/stream.ts'
import type { KoopmanValues } from '../../../src/stages/koopman/report.ts'
import { joined } from '../../../src/testing/frames.ts'
import { lines, thalweg } from '../../support/thalweg.ts'

const equivalence = suite('spectra of online mirror descent and online gradient descent')

/** As Redman et al. (2024) print them. */
const published = {
  omd: [0.558, 0.565, 0.793, 0.801, 0.925, 0.932, 0.98, 0.984, 0.996, 0.998],
  ogd: [0.556, 0.571, 0.8, 0.818, 0.935, 0.949, 0.987, 0.994, 0.9986, 1.0005],
}

const computed: Readonly<Record<keyof typeof optimizers, readonly (readonly [number, number])[]>> =
  JSON.parse(readFileSync(new URL('../../golden/equivalence.json', import.meta.url), 'utf8'))

for (const name of ['omd', 'ogd'] as const) {
  equivalence(`${name}: published digits, and NumPy's to 1e-6`, async () => {
    const args = ['run', 'experiments/equivalence/pipeline.json', '--quiet']
    const { code, stdout, stderr } = await thalweg(args, joined([...streamOf(name)]))
    assert.is(code, 0, stderr)
    const last = lines(stdout).findLast(({ type }) => type === 'koopman')!
    const { eigenvalues, modes } = last.values as unknown as KoopmanValues
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

equivalence.run()
