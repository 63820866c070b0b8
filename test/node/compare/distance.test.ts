import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { spectrumDistance } from '../../../src/node/compare/measuring/distance.ts'
import { matrixDistance, partsDistance } from '../../../src/node/compare/measuring/matrices.ts'
import type { Spectrum } from '../../../src/node/compare/reading/figures.ts'
import { swapControl } from '../../../src/node/compare/testing/swaps.ts'
import { type Points, released } from './support.ts'

const distances = suite('distances of runs')

const spectrum = (points: Points, more: Partial<Spectrum> = {}): Spectrum => ({
  points,
  energies: undefined,
  spacing: 1,
  window: null,
  alike: new Map(),
  ...more,
})
const mu = { plane: 'mu', weights: 'equal' } as const
const ln = { plane: 'ln', weights: 'equal' } as const
const moved = (points: Points, by: number): Points => points.map(([re, im]) => [re + by, im])
const near = (found: number, expected: number, by = 1e-12) =>
  assert.ok(Math.abs(found - expected) < by, `${found} for ${expected}`)

distances('W1: identical spectra are 0 apart, moved ones by as much as they moved', () => {
  const own = spectrum(released.omd)
  assert.is(spectrumDistance(own, spectrum(released.omd.toReversed()), mu), 0)
  near(spectrumDistance(own, spectrum(moved(released.omd, 1e-3)), mu), 1e-3)
})

distances('spectra of other sizes: mass is moved', () => {
  const a = spectrum([
    [0, 0],
    [1, 0],
  ])
  near(spectrumDistance(a, spectrum([[0, 1]]), mu), (1 + Math.SQRT2) / 2)
  near(spectrumDistance(a, spectrum([...a.points, ...a.points]), mu), 0)
})

distances('by energy: what carries nothing counts for nothing', () => {
  const energy = { plane: 'mu', weights: 'energy' } as const
  const a = spectrum([...released.omd, [5, 0]], { energies: [...released.omd.map(() => 0.1), 0] })
  const b = spectrum(released.omd, { energies: released.omd.map(() => 2) })
  near(spectrumDistance(a, b, energy), 0)
  assert.ok(Number.isNaN(spectrumDistance(a, spectrum(released.omd), energy)))
})

distances('rates per step do not depend on the spacing of recorded steps', () => {
  const rates = [0.01, 0.2, 0.5]
  const at = (spacing: number) =>
    spectrum(
      rates.map((rate) => [Math.exp(-rate * spacing), 0]),
      { spacing }
    )
  near(spectrumDistance(at(1), at(5), ln), 0)
  assert.ok(spectrumDistance(at(1), at(5), mu) > 0.1)
})

distances('a frequency near half a turn is near its mirror image', () => {
  const at = (angle: number) => spectrum([[Math.cos(angle), Math.sin(angle)]])
  near(spectrumDistance(at(Math.PI - 0.01), at(0.01 - Math.PI), ln), 0.02)
})

distances('a shift below the spacing of eigenvalues is not seen by swaps', () => {
  const apart: Points = Array.from({ length: 8 }, (_, i) => [i / 8, 0])
  assert.equal(swapControl(spectrum(apart), spectrum(moved(apart, 0.01)), mu), { p: 1, swaps: 128 })
  assert.is(swapControl(spectrum(apart), spectrum(apart.slice(1)), mu), undefined)
})

distances('matrices: 0 alike, 2 opposite, what is not known counts in neither', () => {
  const labels = { rows: [0, 1], columns: [0, 1] }
  const own = {
    ...labels,
    values: [
      [1, 2],
      [3, Number.NaN],
    ],
  }
  const other = {
    ...labels,
    values: [
      [-1, -2],
      [-3, 9],
    ],
  }
  assert.is(matrixDistance(own, own), 0)
  near(matrixDistance(own, other), 2)
})

distances('matrices of other steps: those that both have count', () => {
  const at = (labels: number[]) => ({
    rows: labels,
    columns: labels,
    values: labels.map((i) => labels.map((j) => Math.cos(i - j))),
  })
  assert.is(matrixDistance(at([0, 2, 4, 6, 8]), at([0, 4, 8, 12, 16])), 0)
})

distances('parts: their order does not count, what lies elsewhere does', () => {
  const parts = (...columns: number[][]) => ({
    rows: ['a', 'b'],
    columns: columns.map((_, i) => i),
    values: [0, 1].map((row) => columns.map((column) => column[row]!)),
  })
  const own = parts([6, 0], [0, 4])
  near(partsDistance(own, parts([0, 4], [6, 0])), 0)
  near(partsDistance(own, parts([3, 0], [3, 0], [0, 4])), 0.3)
  near(partsDistance(own, parts([60, 40])), 0.4)
  near(partsDistance(parts([1, 0]), parts([0, 1])), 1)
})

distances.run()
