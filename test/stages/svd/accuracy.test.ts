import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { decompose, energyOf, near, rounded } from './decompose.ts'
import { directionsOf, projectorError } from './directions.ts'
import { singularValuesOf } from './oracle.ts'
import { normal, walshSpectrum, walshVectors, withSpectrum } from './spectra.ts'

const accuracy = suite('the singular values')

// The 5 x 3 sample of libROM's tests, whose singular values it states to 1e-7.
const sample = [
  [0.5377, 1.8339, -2.2588, 0.8622, 0.3188],
  [-1.3077, -0.4336, 0.3426, 3.5784, 2.7694],
  [-1.3499, 3.0349, 0.7254, -0.0631, 0.7147],
]
const sampleValues = [4.844863750652194, 3.667199763987773, 2.691146253666718]

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
  const sigma = [3.125, 2.75, 1]
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

accuracy('of a geometric spectrum are right to 5e-5 with 32 columns and to 5e-9 with 64', () => {
  const sigma = Array.from({ length: 320 }, (_, i) => 0.93 ** i)
  const columns = walshSpectrum(4096, 2048, sigma)
  for (const [count, relative] of [
    [32, 5e-5],
    [64, 5e-9],
  ] as const) {
    const figures = decompose(columns, { rank: 16, columns: count }, { block: count })
    for (let i = 0; i < 16; i++)
      near(figures.singularValues[i]!, sigma[i]!, relative, `${count} columns, value ${i}`)
    near(figures.energy, energyOf(sigma), 1e-9, 'energy')
  }
})

accuracy('of a power law are right to 2e-3 with 32 columns and to 1e-4 with 64', () => {
  const sigma = Array.from({ length: 1000 }, (_, i) => 1 / (i + 1))
  const columns = walshSpectrum(2048, 2048, sigma)
  for (const [count, relative] of [
    [32, 2e-3],
    [64, 1e-4],
  ] as const) {
    const figures = decompose(columns, { rank: 16, columns: count }, { block: count })
    for (let i = 0; i < 16; i++)
      near(figures.singularValues[i]!, sigma[i]!, relative, `${count} columns, value ${i}`)
  }
})

accuracy('of .5^i are right to 5e-6 down to 2^-15 over 32 blocks', () => {
  // Without the products of the factor's columns in every block the last one would be off by half.
  const sigma = Array.from({ length: 24 }, (_, i) => 0.5 ** i)
  const columns = walshSpectrum(512, 512, sigma)
  const figures = decompose(columns, { rank: 16, columns: 32 }, { block: 16 })
  for (let i = 0; i < 16; i++) near(figures.singularValues[i]!, sigma[i]!, 5e-6, `value ${i}`)
})

accuracy(
  'of a graded spectrum stay orthogonal to 1e-8 and right to 1e-7 down to a hundredth',
  () => {
    const sigma = Array.from({ length: 40 }, (_, i) => 10 ** (-i / 8))
    const columns = rounded(walshSpectrum(4096, 256, sigma))
    const figures = decompose(columns, { rank: 16, columns: 48 }, { block: 16 })
    assert.ok(figures.orthogonality <= 1e-8, `orthogonality ${figures.orthogonality}`)
    for (let i = 0; i < 16; i++) near(figures.singularValues[i]!, sigma[i]!, 1e-7, `value ${i}`)
  }
)

accuracy('of a repeated spectrum are all found to 1e-8, and no more are kept', () => {
  const sigma = [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01]
  const figures = decompose(walshSpectrum(4096, 128, sigma), { rank: 12, columns: 24 })
  sigma.forEach((s, i) => {
    near(figures.singularValues[i]!, s, 1e-8 / s, `value ${i}`)
  })
  assert.is(figures.kept, 12)
})

accuracy('of a repeated spectrum have their subspaces to 1e-7', () => {
  const sigma = [1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01, 0.01, 0.01]
  const columns = walshSpectrum(4096, 128, sigma)
  const truth = walshVectors(4096, 12)
  // Deltas rounded to f32 leave the smaller ones no more to be found, by LAPACK in f64 neither.
  for (const [storage, spaces] of [
    ['f32', [0]],
    ['f64', [0, 4, 8]],
  ] as const) {
    const found = directionsOf(columns, { rank: 12, columns: 24, storage })
    for (const k of spaces) {
      const error = projectorError(found.slice(k, k + 4), truth.slice(k, k + 4))
      assert.ok(error <= 1e-7, `${storage}, values ${k} to ${k + 3}: ${error}`)
    }
  }
})

accuracy('of the Hilbert matrix are right to 1e-6 down to 1e-10 in the reference mode', () => {
  const n = 120
  const columns = Array.from({ length: n }, (_, j) =>
    Float64Array.from({ length: n }, (_, i) => 1 / (i + j + 1))
  )
  for (const kept of [24, 32]) {
    const options = { rank: 14, columns: kept, storage: 'f64' } as const
    const figures = decompose(columns, options, { block: 16 })
    hilbert120.forEach((sigma, i) => {
      if (sigma > 1e-10 * hilbert120[0]!)
        near(figures.singularValues[i]!, sigma, 1e-6, `${kept} columns, value ${i}`)
    })
    assert.ok(figures.orthogonality <= 1e-12, `${kept}: orthogonality ${figures.orthogonality}`)
  }
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
  const truth = singularValuesOf(columns)
  const figures = decompose(columns, { rank: 8, columns: 10 })
  near(figures.singularValues[0]!, truth[0]!, 1e-3, 'the first value')
  const best = Math.sqrt(1 - energyOf(truth.slice(0, 8)) / energyOf(truth))
  const { projectionErrorBound } = figures
  assert.ok(
    projectionErrorBound >= best && projectionErrorBound <= 1.05 * best,
    `${projectionErrorBound} against ${best}`
  )
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
  const truth = singularValuesOf(
    columns.map((column, j) =>
      Float64Array.from(column, (x) => x * forget ** ((columns.length - 1 - j) / 2))
    )
  )
  for (const block of [4, 16, 60]) {
    const figures = decompose(columns, { rank: 8, columns: 40, forget }, { block })
    for (let i = 0; i < 8; i++)
      near(figures.singularValues[i]!, truth[i]!, 1e-7, `block ${block}, value ${i}`)
    near(figures.energy, energyOf(truth), 1e-9, 'energy')
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
  for (const forget of [1, 0.93]) {
    const weights = positions.map((_, t) => forget ** (positions.length - 1 - t))
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    const mean = at.map((_, i) => positions.reduce((m, p, t) => m + p[i]! * weights[t]!, 0) / total)
    const truth = singularValuesOf(
      positions.map((p, t) => p.map((x, i) => Math.sqrt(weights[t]!) * (x - mean[i]!)))
    )
    for (const block of [4, 16, 64]) {
      const options = { rank: 8, columns: 48, of: 'positions', forget } as const
      const figures = decompose(steps, options, { block })
      for (let i = 0; i < 8; i++) {
        const what = `forget ${forget}, block ${block}, value ${i}`
        near(figures.singularValues[i]!, truth[i]!, 1e-7, what)
        assert.ok(truth[i]! <= figures.upperBounds[i]!, what)
      }
      near(figures.energy, energyOf(truth), 1e-9, 'energy')
    }
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
