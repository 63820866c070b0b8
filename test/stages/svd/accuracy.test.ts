import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { AnalyseOptions } from '../../../src/engine/analyse.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { jacobi } from '../../../src/stages/svd/jacobi.ts'
import { random } from '../../engine/frames.ts'
import { analyseRecording } from '../harness.ts'
import { normal, withSpectrum } from './spectra.ts'

const accuracy = suite('the singular values')

interface Figures {
  singularValues: number[]
  upperBounds: number[]
  estimatedErrors: number[]
  energy: number
  captured: number
  projectionErrorBound: number
  orthogonality: number
  columns: number
  kept: number
}

type SvdOptions = Parameters<typeof svd>[0]

function decompose(
  columns: ArrayLike<number>[],
  options: SvdOptions,
  more: AnalyseOptions = {}
): Figures {
  const dtype = options?.storage === 'f64' ? 'f64' : 'f32'
  const { summaries, error } = analyseRecording({ deltas: [columns], dtype }, svd(options), more)
  if (error) throw error
  return summaries.at(-1)!.values as unknown as Figures
}

/** Singular values of columns as they stand, by Jacobi on the smaller Gram matrix in f64. */
function reference(columns: readonly ArrayLike<number>[]): number[] {
  const k = columns.length
  const gram = new Float64Array(k * k)
  for (let i = 0; i < k; i++) {
    for (let j = i; j < k; j++) {
      let sum = 0
      for (let r = 0; r < columns[i]!.length; r++) sum += columns[i]![r]! * columns[j]![r]!
      gram[i * k + j] = gram[j * k + i] = sum
    }
  }
  return Array.from(jacobi(gram, k).values, Math.sqrt)
}

const rounded = (columns: readonly ArrayLike<number>[]): Float32Array[] =>
  columns.map((c) => Float32Array.from(c))

function near(actual: number, expected: number, relative: number, what: string): void {
  const error = Math.abs(actual - expected) / Math.abs(expected)
  assert.ok(error <= relative, `${what}: ${actual}, expected ${expected}, relative error ${error}`)
}

/** Truth lies between each value and its bound. */
function bounded(figures: Figures, truth: readonly number[], unit: number): void {
  figures.singularValues.forEach((value, i) => {
    const sigma = truth[i] ?? 0
    const allowance = unit * (truth[0] ?? 0)
    assert.ok(value <= sigma + allowance, `value ${i}: ${value} above ${sigma}`)
    assert.ok(
      figures.upperBounds[i]! + allowance * 1e-6 >= sigma,
      `bound ${i}: ${figures.upperBounds[i]} below ${sigma}`
    )
  })
}

// The 5 x 3 sample of libROM's tests, whose singular values it states to 1e-7.
const sample = [
  [0.5377, 1.8339, -2.2588, 0.8622, 0.3188],
  [-1.3077, -0.4336, 0.3426, 3.5784, 2.7694],
  [-1.3499, 3.0349, 0.7254, -0.0631, 0.7147],
]
const sampleValues = [4.84486375065219, 3.66719976398777, 2.69114625366671]

accuracy(
  'of a published 5 x 3 sample are right to 1e-6 in f32 and 1e-13 in the reference mode',
  () => {
    for (const block of [1, 2, 3, 8]) {
      const single = decompose(sample, { rank: 3 }, { block })
      const double = decompose(sample, { rank: 3, storage: 'f64' }, { block })
      sampleValues.forEach((sigma, i) => {
        near(single.singularValues[i]!, sigma, 1e-6, `f32, block ${block}, value ${i}`)
        near(double.singularValues[i]!, sigma, 1e-13, `f64, block ${block}, value ${i}`)
      })
    }
  }
)

accuracy('of a matrix of low rank are right across any batching', () => {
  const sigma = [3.142, 2.718, 1]
  const columns = withSpectrum(600, 50, sigma)
  for (const block of [1, 3, 7, 16, 64]) {
    const single = decompose(columns, { rank: 4 }, { block })
    const double = decompose(columns, { rank: 4, storage: 'f64' }, { block })
    sigma.forEach((s, i) => {
      near(single.singularValues[i]!, s, 1e-6, `f32, block ${block}, value ${i}`)
      near(double.singularValues[i]!, s, 1e-12, `f64, block ${block}, value ${i}`)
    })
    assert.ok(double.singularValues[3]! < 1e-12)
  }
})

accuracy('of a short geometric spectrum: 2e-4 with 32 columns, 5e-9 with 64', () => {
  const sigma = Array.from({ length: 200 }, (_, i) => 0.93 ** i)
  const columns = rounded(withSpectrum(2000, 400, sigma))
  const truth = reference(columns)
  const half = decompose(columns, { rank: 16, columns: 32 }, { block: 32 })
  for (let i = 0; i < 16; i++)
    near(half.singularValues[i]!, truth[i]!, 2e-4, `32 columns, value ${i}`)
  const whole = decompose(columns, { rank: 16, columns: 64 }, { block: 64 })
  for (let i = 0; i < 16; i++)
    near(whole.singularValues[i]!, truth[i]!, 5e-9, `64 columns, value ${i}`)
  bounded(half, truth, 1e-7)
  bounded(whole, truth, 1e-7)
  near(
    whole.energy,
    truth.reduce((sum, s) => sum + s * s, 0),
    1e-9,
    'energy'
  )
})

accuracy('of a short power law: 2e-3 with 32 columns, 2e-4 with 64', () => {
  const sigma = Array.from({ length: 200 }, (_, i) => 1 / (i + 1))
  const columns = rounded(withSpectrum(2000, 400, sigma))
  const truth = reference(columns)
  const half = decompose(columns, { rank: 16, columns: 32 }, { block: 32 })
  const whole = decompose(columns, { rank: 16, columns: 64 }, { block: 64 })
  for (let i = 0; i < 16; i++) {
    near(half.singularValues[i]!, truth[i]!, 2e-3, `32 columns, value ${i}`)
    near(whole.singularValues[i]!, truth[i]!, 2e-4, `64 columns, value ${i}`)
  }
})

accuracy(
  'of a graded spectrum stay orthogonal to 1e-8 and right to 1e-7 down to a hundredth',
  () => {
    const sigma = Array.from({ length: 40 }, (_, i) => 10 ** (-i / 8))
    const columns = rounded(withSpectrum(3000, 160, sigma))
    const truth = reference(columns)
    const figures = decompose(columns, { rank: 16, columns: 48 }, { block: 16 })
    assert.ok(figures.orthogonality <= 1e-8, `orthogonality ${figures.orthogonality}`)
    for (let i = 0; i < 16; i++) near(figures.singularValues[i]!, truth[i]!, 1e-7, `value ${i}`)
  }
)

accuracy('of a repeated spectrum are all found, and no more', () => {
  const sigma = [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01]
  const columns = rounded(withSpectrum(3000, 100, sigma))
  const truth = reference(columns)
  const figures = decompose(columns, { rank: 12, columns: 24 })
  sigma.forEach((s, i) => {
    near(figures.singularValues[i]!, truth[i]!, 1e-8 / s, `value ${i}`)
  })
})

accuracy('of the Hilbert matrix are right to 1e-6 down to 1e-10 in the reference mode', () => {
  const n = 120
  const columns = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: n }, (_, i) => 1 / (i + j + 1))
  )
  const figures = decompose(columns, { rank: 14, columns: 24, storage: 'f64' }, { block: 16 })
  // LAPACK's dgesdd on the same matrix (NumPy).
  const lapack = hilbert120
  lapack.forEach((sigma, i) => {
    if (sigma > 1e-10 * lapack[0]!) near(figures.singularValues[i]!, sigma, 1e-6, `value ${i}`)
  })
  assert.ok(figures.orthogonality <= 1e-12, `orthogonality ${figures.orthogonality}`)
})

accuracy('follow a dominant direction that comes late', () => {
  const early = withSpectrum(
    1000,
    100,
    Array.from({ length: 30 }, (_, i) => 0.95 ** i)
  )
  const late = withSpectrum(
    1000,
    100,
    Array.from({ length: 10 }, (_, i) => 5 * 0.9 ** i),
    50
  )
  const columns = rounded([...early, ...late])
  const truth = reference(columns)
  const figures = decompose(columns, { rank: 8, columns: 10 })
  bounded(figures, truth, 1e-7)
  near(figures.singularValues[0]!, truth[0]!, 1e-3, 'the first value')
  const energy = truth.reduce((sum, s) => sum + s * s, 0)
  const best = Math.sqrt(1 - truth.slice(0, 8).reduce((sum, s) => sum + s * s, 0) / energy)
  assert.ok(figures.projectionErrorBound >= best - 1e-6)
  assert.ok(
    figures.projectionErrorBound <= 1.05 * best,
    `${figures.projectionErrorBound} against ${best}`
  )
})

accuracy('keep their bounds over random spectra, scales, ranks and batchings', () => {
  const next = random(11)
  const pick = (from: number, to: number): number =>
    from + Math.floor(((next() + 1) / 2) * (to - from + 1))
  let within = 0
  let estimates = 0
  for (let draw = 0; draw < 40; draw++) {
    const rows = pick(1, 500)
    const steps = pick(1, 90)
    const scale = 10 ** (next() * 15)
    const decay = 0.6 + 0.39 * ((next() + 1) / 2)
    const sigma = Array.from(
      { length: Math.min(rows, steps, pick(1, 60)) },
      (_, i) => scale * decay ** i
    )
    const columns = rounded(withSpectrum(rows, steps, sigma, draw + 1))
    if (draw % 3 === 0) columns.splice(pick(0, columns.length), 0, new Float32Array(rows))
    if (draw % 4 === 0) columns.push(columns[0]!.slice())
    const rank = pick(1, 12)
    const options = { rank, columns: rank + pick(0, 20) }
    const figures = decompose(columns, options, { block: pick(1, 20) })
    const truth = reference(columns)
    bounded(figures, truth, 2e-7)
    near(
      figures.energy,
      truth.reduce((sum, s) => sum + s * s, 0),
      1e-9,
      `energy, draw ${draw}`
    )
    assert.ok(figures.orthogonality <= 1e-6, `orthogonality ${figures.orthogonality}, draw ${draw}`)
    assert.is(figures.singularValues.length, Math.min(rank, rows, columns.length))
    figures.singularValues.forEach((value, i) => {
      const error = truth[i]! - value
      if (error < 1e-6 * truth[0]!) return
      estimates++
      const ratio = figures.estimatedErrors[i]! / error
      if (ratio > 0.2 && ratio < 5) within++
    })
  }
  assert.ok(within >= 0.6 * estimates, `${within} of ${estimates} estimates within a factor of 5`)
})

accuracy('forget as if each column had been scaled down', () => {
  const columns = rounded(
    withSpectrum(
      800,
      60,
      Array.from({ length: 20 }, (_, i) => 0.8 ** i)
    )
  )
  const forget = 0.97
  const scaled = columns.map((column, j) =>
    Float64Array.from(column, (x) => x * forget ** ((columns.length - 1 - j) / 2))
  )
  const truth = reference(scaled)
  for (const block of [4, 16, 60]) {
    const figures = decompose(columns, { rank: 8, columns: 40, forget }, { block })
    for (let i = 0; i < 8; i++)
      near(figures.singularValues[i]!, truth[i]!, 1e-6, `block ${block}, value ${i}`)
    near(
      figures.energy,
      truth.reduce((sum, s) => sum + s * s, 0),
      1e-9,
      'energy'
    )
  }
})

accuracy('of positions are those of the centred trajectory', () => {
  const next = normal(5)
  const rows = 700
  const steps = Array.from({ length: 45 }, () =>
    Float32Array.from({ length: rows }, () => next() + 0.3)
  )
  const positions: Float64Array[] = []
  const at = new Float64Array(rows)
  for (const step of steps) {
    for (let i = 0; i < rows; i++) at[i]! += step[i]!
    positions.push(at.slice())
  }
  const mean = Float64Array.from(
    { length: rows },
    (_, i) => positions.reduce((sum, p) => sum + p[i]!, 0) / positions.length
  )
  const truth = reference(positions.map((p) => p.map((x, i) => x - mean[i]!)))
  for (const block of [4, 16, 64]) {
    const figures = decompose(steps, { rank: 8, columns: 48, of: 'positions' }, { block })
    for (let i = 0; i < 8; i++)
      near(figures.singularValues[i]!, truth[i]!, 1e-5, `block ${block}, value ${i}`)
    near(
      figures.energy,
      truth.reduce((sum, s) => sum + s * s, 0),
      1e-6,
      'energy'
    )
  }
})

// numpy.linalg.svd of [[1 / (i + j + 1)]], i, j < 120, f64.
const hilbert120 = [
  2.2081025574048185, 0.8577874469876979, 0.2381666934640668, 0.05637459589668573,
  0.012109453554985874, 0.0024140381867929885, 0.00045169229445167486, 7.989196190158094e-5,
  1.3424393199729106e-5, 2.1510312956708932e-6, 3.296380004654945e-7, 4.842842290860204e-8,
  6.834271828088065e-9, 9.279725988399863e-10,
]

accuracy.run()
