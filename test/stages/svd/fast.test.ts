import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kernelKind } from '../../../src/kernels/arena.ts'
import { decompose, near } from './decompose.ts'
import { withSpectrum } from './spectra.ts'

const fast = suite('svd with products in f32')
const relaxed = kernelKind('fast') === 'relaxed' ? fast : fast.skip

const sigma = Array.from({ length: 40 }, (_, i) => 1 / (i + 1))
const columns = withSpectrum(3000, 96, sigma)

relaxed('reaches the strict figures to 1e-6, and its bounds hold', () => {
  const options = { rank: 16, columns: 32 }
  const strict = decompose(columns, options, { block: 16 })
  const figures = decompose(columns, options, { block: 16, mode: 'fast' })
  figures.singularValues.forEach((value, i) => {
    near(value, strict.singularValues[i]!, 1e-6, `value ${i}`)
    assert.ok(figures.upperBounds[i]! >= sigma[i]!, `bound ${i}`)
    assert.ok(value <= sigma[i]! * (1 + 1e-6), `value ${i} is not above`)
  })
  near(figures.energy, strict.energy, 1e-6, 'energy')
  near(figures.captured, strict.captured, 1e-6, 'captured')
  assert.ok(figures.orthogonality < 1e-5, `orthogonality ${figures.orthogonality}`)
})

relaxed('gives the same bits for any number of shards', () => {
  const run = (shards: number) =>
    decompose(columns, { rank: 8 }, { block: 16, mode: 'fast', shards })
  const one = run(1)
  for (const shards of [2, 3]) assert.equal(run(shards), one, `${shards} shards`)
})

relaxed('finds the full rank and no more', () => {
  const low = withSpectrum(2000, 64, [1, 0.5, 0.1, 0.01])
  const figures = decompose(low, { rank: 8 }, { block: 16, mode: 'fast' })
  ;[1, 0.5, 0.1, 0.01].forEach((s, i) => {
    near(figures.singularValues[i]!, s, 1e-4, `value ${i}`)
  })
  assert.ok(figures.singularValues.slice(4).every((value) => value < 1e-3))
})

relaxed('falls back to f64 where f32 products would vanish or overflow', () => {
  for (const scale of [1e-30, 1e25]) {
    const scaled = columns.map((column) => column.map((value) => value * scale))
    const strict = decompose(scaled, { rank: 16 }, { block: 16 })
    const figures = decompose(scaled, { rank: 16 }, { block: 16, mode: 'fast' })
    figures.singularValues.forEach((value, i) => {
      near(value, strict.singularValues[i]!, 1e-7, `scale ${scale}, value ${i}`)
    })
  }
})

fast.run()
