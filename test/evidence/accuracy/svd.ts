import { decompose, energyOf, rounded } from '../../stages/svd/decompose.ts'
import { directionsOf, projectorError } from '../../stages/svd/directions.ts'
import { singularValuesOf } from '../../stages/svd/oracle.ts'
import { walshSpectrum, walshVectors, withSpectrum } from '../../stages/svd/spectra.ts'
import { covariance } from './covariance.ts'
import { all, type Reached, type Row, relative, within } from './row.ts'

const sample = [
  [0.5377, 1.8339, -2.2588, 0.8622, 0.3188],
  [-1.3077, -0.4336, 0.3426, 3.5784, 2.7694],
  [-1.3499, 3.0349, 0.7254, -0.0631, 0.7147],
]
const sampleValues = [4.844863750652194, 3.667199763987773, 2.691146253666718]

const repeated = [1, 0.1, 0.01].flatMap((s) => [s, s, s, s])

/** Errors over all batchings, in f32 and in the reference mode. */
function batched(
  columns: readonly ArrayLike<number>[],
  truth: readonly number[],
  goals: [number, number]
): Reached {
  const rank = truth.length
  return all(
    (['f32', 'f64'] as const).map((storage, i) =>
      within(
        [1, 2, 3, 7, 16, 64].flatMap((block) =>
          relative(decompose(columns, { rank, storage }, { block }).singularValues, truth)
        ),
        goals[i]!
      )
    )
  )
}

/** The first 16 values with 32 and with 64 columns. */
function both(sigma: readonly number[], goals: [number, number]): Reached {
  const columns = walshSpectrum(4096, 2048, sigma)
  return all(
    [32, 64].map((count, i) => {
      const options = { rank: 16, columns: count }
      const { singularValues } = decompose(columns, options, { block: count })
      return within(relative(singularValues, sigma.slice(0, 16)), goals[i]!)
    })
  )
}

function hilbert(columns: number): Reached {
  const matrix = Array.from({ length: 200 }, (_, j) =>
    Float64Array.from({ length: 200 }, (_, i) => 1 / (i + j + 1))
  )
  const truth = singularValuesOf(matrix)
  const shown = truth.filter((sigma) => sigma > 1e-10 * truth[0]!)
  const figures = decompose(matrix, { rank: shown.length, columns, storage: 'f64' }, { block: 16 })
  return all([
    within(relative(figures.singularValues, shown), 1e-6),
    within([figures.orthogonality], 1e-12),
  ])
}

export const svdRows: readonly Row[] = [
  {
    id: 'S1',
    problem: "libROM's 5 x 3 sample, f32 / f64",
    reference: 'its stated values',
    goal: '1e-6 / 1e-13',
    reach: () => batched(sample, sampleValues, [1e-6, 1e-13]),
  },
  {
    id: 'S2',
    problem: 'values 3.125, 2.75, 1 in six batchings, f32 / f64',
    reference: 'exact',
    goal: '1e-6 / 1e-12',
    reach: () => batched(withSpectrum(600, 50, [3.125, 2.75, 1]), [3.125, 2.75, 1], [1e-6, 1e-12]),
  },
  {
    id: 'S3',
    problem: 'geometric .93^i, 4096 x 2048, 32 / 64 columns',
    reference: 'exact',
    goal: '5e-5 / 5e-9',
    reach: () =>
      both(
        Array.from({ length: 320 }, (_, i) => 0.93 ** i),
        [5e-5, 5e-9]
      ),
  },
  {
    id: 'S4',
    problem: 'power law 1/i, 4096 x 2048, 32 / 64 columns',
    reference: 'exact',
    goal: '2e-3 / 1e-4',
    reach: () =>
      both(
        Array.from({ length: 1500 }, (_, i) => 1 / (i + 1)),
        [2e-3, 1e-4]
      ),
  },
  {
    id: 'S5',
    problem: 'graded 10^(-i/8), values to a hundredth / orthogonality',
    reference: 'exact',
    goal: '1e-7 / 1e-8',
    reach() {
      const sigma = Array.from({ length: 40 }, (_, i) => 10 ** (-i / 8))
      const columns = rounded(walshSpectrum(4096, 2048, sigma))
      const figures = decompose(columns, { rank: 17, columns: 48 }, { block: 16 })
      return all([
        within(relative(figures.singularValues, sigma.slice(0, 17)), 1e-7),
        within([figures.orthogonality], 1e-8),
      ])
    },
  },
  // 16 columns hold what is above 1e-10; 32 hold all above the cut of 1e-13, whose last directions are the least orthogonal.
  ...[16, 32].map(
    (columns): Row => ({
      id: 'S6',
      problem: `Hilbert(200), reference mode, ${columns} columns: values to 1e-10 / orthogonality`,
      reference: 'one-sided Jacobi in f64',
      goal: '1e-6 / 1e-12',
      reach: () => hilbert(columns),
    })
  ),
  {
    id: 'S8',
    problem: '{1, .1, .01} four times each: absolute error / rank kept',
    reference: 'exact',
    goal: '1e-8 / 12',
    reach() {
      const figures = decompose(walshSpectrum(4096, 128, repeated), { rank: 12, columns: 24 })
      return all([
        within(
          repeated.map((s, i) => figures.singularValues[i]! - s),
          1e-8
        ),
        { figure: String(figures.kept), met: figures.kept === 12 },
      ])
    },
  },
  ...(['f32', 'f64'] as const).map(
    (storage): Row => ({
      id: 'S8',
      problem: `the same, deltas in ${storage}: projector errors of the three subspaces`,
      reference: 'exact, before deltas are rounded',
      goal: '1e-7 / 1e-7 / 1e-7',
      reach() {
        const columns = walshSpectrum(4096, 128, repeated)
        const found = directionsOf(columns, { rank: 12, columns: 24, storage })
        const truth = walshVectors(4096, 12)
        const error = (k: number): number =>
          projectorError(found.slice(k, k + 4), truth.slice(k, k + 4))
        return all([0, 4, 8].map((k) => within([error(k)], 1e-7)))
      },
    })
  ),
  ...[8, 12].map(
    (columns): Row => ({
      id: 'S9',
      problem: `IncrementalSVD.jl's covariances β^i, ${columns} columns: excess of the projection error`,
      reference: 'its algorithm in f64, at equal columns',
      goal: 'less than it',
      reach: () => covariance(columns),
    })
  ),
  {
    id: 'S10',
    problem: 'dominant directions that come late: projection error over the optimum',
    reference: 'one-sided Jacobi in f64',
    goal: '1.02',
    reach() {
      const part = (n: number, scale: number, rate: number, seed: number): Float64Array[] =>
        withSpectrum(
          1000,
          100,
          Array.from({ length: n }, (_, i) => scale * rate ** i),
          seed
        )
      const columns = rounded([...part(30, 1, 0.95, 1), ...part(10, 5, 0.9, 50)])
      const truth = singularValuesOf(columns)
      const best = Math.sqrt(1 - energyOf(truth.slice(0, 8)) / energyOf(truth))
      const { projectionErrorBound } = decompose(columns, { rank: 8, columns: 16 })
      const ratio = projectionErrorBound / best
      return { figure: ratio.toFixed(4), met: ratio >= 1 && ratio <= 1.02 }
    },
  },
  {
    id: 'S11',
    problem: '1, 2, 3, 4, 8 shards: figures that differ in any bit',
    reference: 'one shard',
    goal: '0',
    reach() {
      const columns = rounded(withSpectrum(5000, 60, [4, 2, 1, 0.5, 0.2, 0.1]))
      const lines = [1, 2, 3, 4, 8].map((shards) =>
        JSON.stringify(decompose(columns, { rank: 8 }, { shards }))
      )
      const differing = lines.filter((line) => line !== lines[0]).length
      return { figure: String(differing), met: differing === 0 }
    },
  },
  {
    id: 'S12',
    problem:
      'power law 1/i / geometric .93^i, 16,384 x 1,024, 32 columns, block 16, f32, stored by elimination',
    reference: 'the reference mode',
    goal: '1e-7 / 1e-7',
    reach: () =>
      all(
        [(i: number) => 1 / (i + 1), (i: number) => 0.93 ** i].map((of) => {
          const columns = walshSpectrum(
            16_384,
            1024,
            Array.from({ length: 320 }, (_, i) => of(i))
          )
          const [own, reference] = (['f32', 'f64'] as const).map((storage) =>
            decompose(columns, { rank: 16, columns: 32, storage }, { block: 16 })
          )
          return within(relative(own!.singularValues, reference!.singularValues), 1e-7)
        })
      ),
  },
]
