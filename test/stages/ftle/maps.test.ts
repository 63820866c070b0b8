import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { exponentsOf } from '../../support/synthetic.ts'

// The rows that `npm run evidence` runs at full length, at a tenth or less of it.
const maps = suite('exponents of known maps, as streams')

const near = (value: number | null | undefined, expected: number, within: number): void =>
  assert.ok(Math.abs(value! - expected) <= within, `${value}, expected ${expected}`)

maps('of a linear map are exact to 1e-6 from a twin', async () => {
  const source = { map: 'linear', multipliers: [1.1, 0.8], steps: 300, epsilon: 1e-8 }
  const { exponents, verdict } = await exponentsOf(source)
  near(exponents[0], Math.log(1.1), 1e-6)
  assert.is(verdict, 'expanding')
})

maps('of the logistic map are ln 2 to three standard errors, over 1e5 steps', async () => {
  const source = { map: 'logistic', steps: 1e5, stride: 20, members: 1, tangents: 1 }
  const { exponents, intervals } = await exponentsOf(source, { method: 'tangent' })
  const [low, high] = intervals[0]!
  near(exponents[0], Math.LN2, (3 * (high - low)) / 2 / 2.364624251592784)
  assert.ok(high - low < 1e-3)
})

maps('are covered by the interval in at least 88 of 100 windows of Hénon', async () => {
  // 95 in 100 with a binomial deviation of 2.2: three of them.
  let covered = 0
  for (let seed = 0; seed < 100; seed++) {
    const { intervals } = await exponentsOf({ map: 'henon', steps: 120, epsilon: 1e-9, seed })
    const [low, high] = intervals[0] ?? [Number.NaN, Number.NaN]
    covered += Number(low <= 0.41922 && 0.41922 <= high)
  }
  assert.ok(covered >= 88, `${covered}`)
})

maps('that contract are told from the noise that holds members apart', async () => {
  for (let seed = 0; seed < 10; seed++) {
    const source = { map: 'linear', multipliers: [0.98, 0.95], steps: 400, epsilon: 1e-6, seed }
    const of = async (coupled: boolean) => exponentsOf({ ...source, noise: 1e-3, coupled })
    assert.is((await of(false)).verdict, 'noise-driven')
    const { verdict, exponents } = await of(true)
    assert.is(verdict, 'contracting')
    near(exponents[0], Math.log(0.98), 1e-3)
  }
})

maps('agree for twins of two sizes, and noise that does not is named', async () => {
  const source = { map: 'linear', multipliers: [1.05, 1.05], members: 3, ratio: 10 }
  const { rates, rateIntervals, why } = await exponentsOf({ ...source, steps: 150, epsilon: 1e-7 })
  for (const rate of rates) near(rate, Math.log(1.05), 1e-6)
  assert.is(rateIntervals.length, 2)
  for (const interval of rateIntervals) {
    assert.ok(interval![0] - 1e-9 <= Math.log(1.05) && Math.log(1.05) <= interval![1] + 1e-9)
  }
  assert.not.match(why, /different size/)
  // One twin starts where noise holds it, the other far above and comes down.
  const noisy = { ...source, multipliers: Array(8).fill(0.98), coupled: false, noise: 1e-7 }
  const other = await exponentsOf({ ...noisy, steps: 200, epsilon: 2e-6, ratio: 1000 })
  assert.match(other.why, /twins of different size part at different rates/)
})

maps.run()
