import { exponentsOf } from '../../support/synthetic.ts'
import { coverage } from './coverage.ts'
import { all, type Reached, type Row, within } from './row.ts'

/** 0.975 quantile of Student's t for the interval's eight batches. */
const quantile = 2.364624251592784

const ofTangents = (tangents: number) => ({ method: 'tangent', tangents })

function near(value: number | null | undefined, truth: number, goal: number): Reached {
  return {
    figure: (value ?? Number.NaN).toFixed(5),
    met: Math.abs((value ?? Number.NaN) - truth) <= goal,
  }
}

/** Errors of the diagonal map, by tangents and by a twin. */
async function linear(multipliers: readonly number[]): Promise<Reached> {
  const source = { map: 'linear', multipliers, steps: 300 }
  const truth = multipliers.map(Math.log)
  const tangents = await exponentsOf({ ...source, members: 1, tangents: 2 }, ofTangents(2))
  const twin = await exponentsOf({ ...source, epsilon: 1e-8 })
  return all([
    within(
      truth.map((lambda, i) => tangents.exponents[i]! - lambda),
      1e-12
    ),
    within([twin.exponents[0]! - truth[0]!], 1e-6),
  ])
}

export const ftleRows: readonly Row[] = [
  {
    id: 'L1',
    problem: 'diagonal map (1.1, .8), tangents / twin',
    reference: 'ln p',
    goal: '1e-12 / 1e-6',
    reach: () => linear([1.1, 0.8]),
  },
  {
    id: 'L1',
    problem: 'flow (.1, -.4), tangents / twin',
    reference: 'p',
    goal: '1e-12 / 1e-6',
    reach: () => linear([Math.exp(0.1), Math.exp(-0.4)]),
  },
  {
    id: 'L2',
    problem: 'logistic map at r = 4, 2e7 steps: error in standard errors / λ',
    reference: 'ln 2',
    goal: '3',
    async reach() {
      const source = { map: 'logistic', steps: 2e7, stride: 50, members: 1, tangents: 1 }
      const { exponents, intervals } = await exponentsOf(source, ofTangents(1))
      const [low, high] = intervals[0]!
      const errors = Math.abs(exponents[0]! - Math.LN2) / ((high - low) / 2 / quantile)
      return all([{ figure: errors.toFixed(2), met: errors <= 3 }, near(exponents[0], Math.LN2, 1)])
    },
  },
  {
    id: 'L3',
    problem: 'Hénon map, 1e7 steps: λ1 / λ2 / error of the sum',
    reference: '.41922, -1.62319, ln .3',
    goal: '2e-4 / 2e-4 / 1e-12',
    async reach() {
      const source = { map: 'henon', steps: 1e7, stride: 20, members: 1, tangents: 2 }
      const [a, b] = (await exponentsOf(source, ofTangents(2))).exponents
      return all([
        near(a, 0.41922, 2e-4),
        near(b, -1.62319, 2e-4),
        within([a! + b! - Math.log(0.3)], 1e-12),
      ])
    },
  },
  {
    id: 'L4',
    problem: 'Lorenz flow, time 2e4: λ1 / λ2 / λ3',
    reference: '.9056, 0, -14.5723',
    goal: '1e-3 / 1e-3 / 1e-2',
    async reach() {
      const source = { map: 'lorenz', steps: 2e6, stride: 50, members: 1, tangents: 3 }
      const { exponents } = await exponentsOf(source, ofTangents(3))
      const [a, b, c] = exponents.map((value) => value! / 0.01)
      return all([near(a, 0.9056, 1e-3), near(b, 0, 1e-3), near(c, -14.5723, 1e-2)])
    },
  },
  {
    id: 'L8',
    problem: 'contracting map, independent / shared noise, 100 seeds each: verdicts',
    reference: 'the exponent is negative',
    goal: '100 noise-driven / 100 contracting',
    async reach() {
      const counted = async (coupled: boolean, verdict: string): Promise<Reached> => {
        let count = 0
        for (let seed = 0; seed < 100; seed++) {
          const source = { map: 'linear', multipliers: [0.98, 0.95], steps: 400, seed, coupled }
          const values = await exponentsOf({ ...source, epsilon: 1e-6, noise: 1e-3 })
          count += Number(values.verdict === verdict)
        }
        return { figure: `${count} ${verdict}`, met: count === 100 }
      }
      return all([await counted(false, 'noise-driven'), await counted(true, 'contracting')])
    },
  },
  ...[1e-12, 1e-9, 1e-6].map(
    (epsilon): Row => ({
      id: 'L9',
      problem: `Hénon twins from ${epsilon}, seeds 0 to 999: coverage of the 95 % interval`,
      reference: '.41922',
      goal: '93 to 98 %',
      reach: () => coverage({ steps: 120, epsilon }, {}, 0.41922),
    })
  ),
  {
    id: 'L9',
    problem: 'Hénon tangents over 1,000 steps, seeds 0 to 999: the same',
    reference: '.41922',
    goal: '93 to 98 %',
    reach: () => coverage({ steps: 1000, members: 1, tangents: 1 }, ofTangents(1), 0.41922),
  },
]
