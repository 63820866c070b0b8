import { sketchRows as foldedRows, foldingError } from '../../../src/stage/sketch.ts'
import { decompose } from '../../stages/svd/decompose.ts'
import { normal, orthonormal, walshSpectrum } from '../../stages/svd/spectra.ts'
import { all, type Reached, type Row, relative, within } from './row.ts'

const rows = 2 ** 20
const steps = 64
const sigma = Array.from({ length: 16 }, (_, k) => 0.9 ** k)

/** The columns of U diag(sigma) Vᵀ with left vectors that share no row: `entry` says what vector k has where. */
function disjoint(entry: (row: number, k: number) => number): Float32Array[] {
  const right = orthonormal(steps, sigma.length, 5)
  const columns = Array.from({ length: steps }, () => new Float32Array(rows))
  sigma.forEach((s, k) => {
    const u = Float64Array.from({ length: rows }, (_, row) => entry(row, k))
    const norm = Math.sqrt(u.reduce((sum, value) => sum + value * value, 0))
    columns.forEach((column, t) => {
      const factor = (s * right[k]![t]!) / norm
      u.forEach((value, row) => {
        if (value !== 0) column[row] = factor * value
      })
    })
  })
  return columns
}

/** Over five seeds: the median of the worst error of 16 values, and the root mean square of all. */
function errors(columns: readonly ArrayLike<number>[]): Reached {
  const options = { tier: 'sketch', rank: 16, columns: 32 } as const
  const found = [0, 1, 2, 3, 4].map((seed) =>
    relative(decompose(columns, options, { seed }).singularValues, sigma).map(Math.abs)
  )
  const worst = found.map((own) => Math.max(...own)).sort((a, b) => a - b)
  const square = found.flat().reduce((sum, error) => sum + error * error, 0) / found.flat().length
  return all([
    within([worst[2]!], 6e-3),
    within([Math.sqrt(square)], 1.2 * foldingError(foldedRows)),
  ])
}

const heavy = normal(3)
const structures: Readonly<Record<string, () => readonly ArrayLike<number>[]>> = {
  'Walsh functions': () => walshSpectrum(rows, steps, sigma),
  'heavy tails': () => disjoint((row, k) => (row % 16 === k ? heavy() ** 7 : 0)),
  'columns of matrices 4,096 wide': () => disjoint((row, k) => Number(row % 4096 === 200 * k)),
  'constant blocks': () => disjoint((row, k) => Number(Math.floor(row / 65_000) === k)),
}

/** Values of a million weights that are folded to 65,536 rows. */
export const sketchRows: readonly Row[] = Object.entries(structures).map(([name, columns]) => ({
  id: 'sketch',
  problem: `2^20 weights folded to 2^16 rows, ${name}, five seeds: median worst error of 16 values / root mean square`,
  reference: 'exact',
  goal: '6e-3 / 3.3e-3',
  reach: () => errors(columns()),
}))
