import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { battery } from './battery.ts'
import { judged } from './judge.ts'
import { Tally } from './tally.ts'

// The situations that `npm run evidence:verdicts` runs over twenty seeds, with one seed that no threshold was chosen on.
const verdicts = suite('verdicts of runs with known truth')

const seed = 500
const tally = new Tally()
const said = new Map<string, string>()

for (const situation of battery) {
  const { name, truth, right } = situation
  verdicts(name, () => {
    const found = judged(situation, seed)
    const { verdict, why, ever, alerts, changes } = found
    tally.add(situation, [found])
    said.set(name, verdict)
    // Chaos that is not seen is counted below; all else must be right each time.
    const expected = truth === 'chaos' ? [...right, 'expanding', 'insufficient'] : right
    assert.ok(expected.includes(verdict), `${verdict}: ${why}`)
    assert.ok(right.includes('contracting') || !ever.includes('contracting'))
    assert.ok(changes <= 4)
    if (truth === 'chaos' || truth === 'mixed') return
    assert.not(ever.includes('chaotic'))
    assert.not(alerts.includes('ftle/chaotic'))
  })
}

verdicts('find nearly all chaos that shows, and judge nearly all that can be judged', () => {
  for (const { line, isMet } of tally.goals()) assert.ok(isMet, line)
})

// What a situation's list of true verdicts leaves open, and what is expected all the same.
const exact: readonly (readonly [name: string, verdict: string])[] = [
  ['saddle, unsteady rates', 'expanding'],
  ['saddle cut, two', 'expanding'],
  ['ten saddles', 'expanding'],
  ['cycle born out of its centre', 'expanding'],
  ['divergence 1.05', 'diverging'],
  ['non-normal one', 'expanding'],
  ['faint walks of their own, undeclared, two', 'noise-driven'],
  ['alone: growing oscillation, one direction', 'insufficient'],
  ['alone: cubic', 'insufficient'],
]
verdicts('say no less than they can', () => {
  assert.equal(
    exact.map(([name]) => [name, said.get(name)]),
    exact
  )
})

verdicts.run()
