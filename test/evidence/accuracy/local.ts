import { framesOf, lastOf, multipliers, ones, quadratic, runOf } from '../../stages/ftle/single.ts'
import { all, type Reached, type Row, within } from './row.ts'

/** Errors of μ from descents of f32 deltas. */
function descent(steps: number, goal: number, noise = 0, seed = 1): Reached {
  const frames = framesOf(runOf(quadratic, ones, steps, { noise, seed }))
  const { spectral } = lastOf(frames, { ftle: { window: steps } })
  return within(
    multipliers.map((mu, i) => Math.exp(spectral[i] ?? Number.NaN) - mu),
    goal
  )
}

/** How often, over seeds 1 to 200, the interval of each ln μ holds the true one, in descents under process noise. */
function coverage(steps: number): Reached {
  const seeds = 200
  const held = multipliers.map(() => 0)
  for (let seed = 1; seed <= seeds; seed++) {
    const frames = framesOf(runOf(quadratic, ones, steps, { noise: 1e-3, seed }))
    const { spectralIntervals } = lastOf(frames, {
      svd: { of: 'positions' },
      ftle: { window: steps },
    })
    multipliers.forEach((mu, i) => {
      const [low, high] = spectralIntervals[i] ?? [Number.NaN, Number.NaN]
      held[i]! += Number(low <= Math.log(mu) && Math.log(mu) <= high)
    })
  }
  const shares = held.map((count) => count / seeds)
  return {
    figure: `${shares.map((share) => (100 * share).toFixed(0)).join(' ')} %`,
    met: shares.every((share) => share >= 0.8 && share <= 0.99),
  }
}

/** How many random walks of so many directions, of 100, are called contracting. */
function walks(size: number, most: number): Reached {
  let count = 0
  for (let seed = 1; seed <= 100; seed++) {
    const start = Array.from({ length: size }, () => 0)
    const frames = framesOf(runOf((z) => z, start, 512, { noise: 1e-2, seed }))
    count += Number(lastOf(frames).verdict === 'contracting')
  }
  return { figure: `${count}`, met: count <= most }
}

/** Exponents from one run. */
export const localRows: readonly Row[] = [
  {
    id: 'D4',
    problem: 'gradient descent on a quadratic, one run, 300 / 3,000 steps',
    reference: '1 - ηh',
    goal: '1e-5 / 1e-7',
    reach: () => all([descent(300, 1e-5), descent(3000, 1e-7)]),
  },
  {
    id: 'D4',
    problem: 'the same with process noise, 1e-3 of the start, 3,000 steps, three seeds',
    reference: '1 - ηh',
    goal: '3e-3',
    reach: () => all([1, 2, 3].map((seed) => descent(3000, 3e-3, 1e-3, seed))),
  },
  {
    id: 'D4',
    problem:
      'descents with process noise, 512 steps, seeds 1 to 200: coverage of the 95 % intervals',
    reference: '1 - ηh',
    goal: '80 to 99 %',
    reach: () => coverage(512),
  },
  {
    id: 'D4',
    problem: '100 random walks of 512 steps in 1 / 3 directions: called contracting',
    reference: 'no exponent',
    goal: '0 / 0',
    reach: () => all([walks(1, 0), walks(3, 0)]),
  },
]
