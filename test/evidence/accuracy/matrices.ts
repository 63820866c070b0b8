import type { StageValue } from '../../../src/stage/define.ts'
import { edge } from '../../../src/stages/edge/index.ts'
import { edgeOf } from '../../../src/stages/edge/mean-field.ts'
import type { EdgeValues } from '../../../src/stages/edge/spec.ts'
import { spectrum } from '../../../src/stages/spectrum/index.ts'
import type { SpectrumValues } from '../../../src/stages/spectrum/spec.ts'
import { stability } from '../../../src/stages/stability/index.ts'
import type { StabilityValues } from '../../../src/stages/stability/spec.ts'
import {
  analyseMatrices,
  byNumpy,
  type Dense,
  dense,
  entry,
  gaussian,
  hasNumpy,
} from '../../stages/matrices.ts'
import { pairs } from '../../stages/stability/pairs.ts'
import { all, type Reached, type Row, within } from './row.ts'

/** The last figures of matrices that follow each other, looked at after each step. */
function last<Values>(
  weights: readonly Dense[],
  stage: StageValue,
  dtype: 'f32' | 'f64' = 'f64'
): Values {
  const { rows, columns } = weights[0]!
  const run = { shape: [rows, columns], dtype, weights: weights.map(({ values }) => values) }
  const { summaries, error } = analyseMatrices(run, stage)
  if (error) throw error
  return summaries.at(-1)!.values as Values
}

const look = { every: 1 }
const withNumpy = (reach: () => Reached): Reached =>
  hasNumpy ? reach() : { figure: 'there is no NumPy', met: false }

/** Errors of J and J₀ of some matrices. */
function moments(dtype: 'f32' | 'f64', goal: number): Reached {
  const errors = [
    [64, 64, 0],
    [200, 784, 0.01],
    [784, 784, 5],
  ].flatMap(([rows, columns, mean]) => {
    const noise = gaussian(rows!, columns!, rows!)
    const w = noise.values.map((value) => mean! + 0.03 * value)
    const count = w.length
    const average = w.reduce((sum, value) => sum + value, 0) / count
    const spread = w.reduce((sum, value) => sum + (value - average) ** 2, 0) / count
    const own = { ...noise, values: w }
    const found = last<EdgeValues>([own, own], edge({ look: { every: 100 } }), dtype)
    const scale = Math.max(1, Math.abs(average) * columns!)
    return [found.j! / Math.sqrt(spread * columns!) - 1, (found.j0! - average * columns!) / scale]
  })
  return within(errors, goal)
}

function walks(): Reached {
  const scores = Array.from({ length: 20 }, (_, seed) => {
    let w = gaussian(64, 48, seed + 1)
    const weights = [w]
    for (let step = 0; step < 12; step++) {
      const [before, move] = [w, gaussian(64, 48, 100 * seed + step + 50)]
      const size = 0.3 * (1 + (step % 3))
      w = dense(64, 48, (i, j) => entry(before, i, j) + size * entry(move, i, j))
      weights.push(w)
    }
    const { excess, excessError } = last<StabilityValues>(weights, stability({ look, seed }))
    return excess / excessError
  })
  const mean = scores.reduce((sum, z) => sum + z, 0) / 20
  const spread = Math.sqrt(scores.reduce((sum, z) => sum + (z - mean) ** 2, 0) / 19)
  return {
    figure: `${mean.toFixed(2)} ± ${(spread / Math.sqrt(20)).toFixed(2)}`,
    met: Math.abs(mean) <= (2 * spread) / Math.sqrt(20),
  }
}

function definition(storage: 'f32' | 'f64', goal: number): Reached {
  const chosen = pairs()
  const expected = byNumpy<{ stability: number }>(
    'stability',
    chosen.map(([, { rows, columns }]) => `${rows}x${columns}`),
    chosen.flatMap(([, a, b]) => [a.values, b.values])
  )
  const errors = chosen.map(
    ([, a, b], i) =>
      last<StabilityValues>([a, b], stability({ look, storage })).stability - expected[i]!.stability
  )
  return within(errors, goal)
}

function values(rows: number, columns: number): Reached {
  const own = gaussian(rows, columns, 1)
  const a = { ...own, values: Float64Array.from(own.values, Math.fround) }
  const [expected] = byNumpy<number[]>('values', [`${rows}x${columns}`], [a.values])
  const stage = spectrum({ look: { every: 100 }, rank: 64, draws: 0 })
  const { singularValues } = last<SpectrumValues>([a, a], stage, 'f32')
  return within(
    singularValues!.map((value, i) => value / expected![i]! - 1),
    1e-6
  )
}

function exponents(): Reached {
  const errors = [1, 2, 3].flatMap((seed) => {
    const noise = gaussian(300, 200, seed)
    // Rows of very different sizes: a heavy tail.
    const a = dense(300, 200, (i, j) => entry(noise, i, j) * (1 + i) ** -0.7)
    const [sigma] = byNumpy<number[]>('values', ['300x200'], [a.values])
    const [fit] = byNumpy<{ exponent: number }>('tail', ['200'], [Float64Array.from(sigma!)])
    const stage = spectrum({ look: { every: 100 }, draws: 0 })
    return last<SpectrumValues>([a, a], stage).tailExponent! - fit!.exponent
  })
  return within(errors, 1e-2)
}

export const matrixRows: readonly Row[] = [
  {
    id: 'E1',
    problem: 'J and J₀ of matrices up to 784 x 784, f64 / f32',
    reference: 'mean and deviation in f64',
    goal: '1e-12 / 1e-6',
    reach: () => all([moments('f64', 1e-12), moments('f32', 1e-6)]),
  },
  {
    id: 'E2',
    problem: 'J at the edge of tanh, ReLU, erf, J₀ / J from -0.9 to 0.9',
    reference: '1, √2, √π / 2',
    goal: '1e-3',
    reach: () =>
      within(
        [-0.9, -0.5, 0, 0.5, 0.9].flatMap((ratio) => [
          edgeOf('tanh', ratio) - 1,
          edgeOf('relu', ratio) - Math.SQRT2,
          edgeOf('erf', ratio) - Math.sqrt(Math.PI) / 2,
        ]),
        1e-3
      ),
  },
  {
    id: 'E2',
    problem: 'J at the edge of tanh, J₀ / J = 1.1, 1.25, 1.5',
    reference: '1.5088, 2.1338, 3.636 by other integrals',
    goal: '1e-3',
    reach: () =>
      within(
        [edgeOf('tanh', 1.1) - 1.5088, edgeOf('tanh', 1.25) - 2.1338, edgeOf('tanh', 1.5) - 3.636],
        1e-3
      ),
  },
  {
    id: 'O1',
    problem: 'stability of 26 pairs: turned, reflected, scaled, moved, graded to 1e-6, f64 / f32',
    reference: 'U Vᵀ of LAPACK, directions below 1e-6 left out',
    goal: '1e-10 / 1e-5',
    reach: () => withNumpy(() => all([definition('f64', 1e-10), definition('f32', 1e-5)])),
  },
  {
    id: 'O2',
    problem: 'random walks of a matrix, 20 seeds: excess stability over its error',
    reference: '0',
    goal: '0 within two standard errors',
    reach: walks,
  },
  {
    id: 'V1',
    problem: 'the 64 largest singular values of 512 x 512 / 3072 x 768, f32',
    reference: 'LAPACK in f64',
    goal: '1e-6 / 1e-6',
    reach: () => withNumpy(() => all([values(512, 512), values(3072, 768)])),
  },
  {
    id: 'V2',
    problem: 'tail exponents of three matrices with heavy tails',
    reference: 'maximum likelihood in NumPy, on values of LAPACK',
    goal: '1e-2',
    reach: () => withNumpy(exponents),
  },
]
