import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { judged } from './judge.ts'
import { aloneSituations } from './situations/alone.ts'
import { bowlSituations } from './situations/bowls.ts'
import { mapSituations } from './situations/maps.ts'
import { networkSituations } from './situations/networks.ts'
import { saddleSituations } from './situations/saddles.ts'
import { tangentSituations } from './situations/tangents.ts'
import { walkSituations } from './situations/walks.ts'

// A few of the situations that `npm run evidence:verdicts` runs over twenty seeds each.
const verdicts = suite('verdicts of runs with known truth')

const all = [
  ...mapSituations,
  ...bowlSituations,
  ...saddleSituations,
  ...walkSituations,
  ...networkSituations,
  ...tangentSituations,
  ...aloneSituations,
]
const rows: [name: string, expected: RegExp][] = [
  ['cubic among 100 two', /^chaotic$/],
  ['henon one', /^chaotic$/],
  ['lattice of 64 two, f32', /^chaotic$/],
  ['logistic 3.84, a stable cycle', /^contracting$/],
  ['quadratic', /^contracting$/],
  ['heavy ball, shared noise', /^contracting$/],
  ['shear, t', /^neutral$/],
  ['walks of their own, declared', /^noise-driven$/],
  ['saddle, one', /^insufficient$/],
  ['saddle, unsteady rates', /^expanding$/],
  ['saddle cut, two', /^expanding$/],
  ['ten saddles', /^expanding$/],
  ['divergence 1.05', /^diverging$/],
  ['bursts, rests of 20', /^chaotic$/],
  ['staircase of 8, two twins', /^(expanding|insufficient|neutral)$/],
  ['relu, full batch, 1e-5', /^(expanding|insufficient|neutral)$/],
  ['henon, tangents', /^chaotic$/],
  ['alone: quadratic', /^contracting$/],
  ['alone: growing oscillation, one direction', /^insufficient$/],
  ['alone: cubic', /^insufficient$/],
]

for (const [name, expected] of rows) {
  verdicts(name, () => {
    const situation = all.find((one) => one.name === name)!
    const found = judged(situation, 500)
    assert.match(found.verdict, expected, found.why)
    if (situation.truth !== 'chaos') {
      assert.not(found.ever.includes('chaotic'))
      assert.not(found.alerts.includes('ftle/chaotic'))
    }
  })
}

verdicts.run()
