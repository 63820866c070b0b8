import { spectrumDistance } from '../../src/node/compare/measuring/distance.ts'
import type { Spectrum } from '../../src/node/compare/reading/figures.ts'
import { permutationTest, spreadOf } from '../../src/node/compare/testing/permutation.ts'
import { ratioOf } from '../../src/node/compare/text.ts'

export type Point = readonly [re: number, im: number]

/** The distance that `thalweg compare` takes, of eigenvalues that come from elsewhere. */
export const distance = (a: readonly Point[], b: readonly Point[]): number =>
  spectrumDistance(asSpectrum(a), asSpectrum(b), { plane: 'mu', weights: 'equal' })

const asSpectrum = (points: readonly Point[]): Spectrum => ({
  points,
  energies: undefined,
  spacing: 1,
  window: null,
  alike: new Map(),
})

/** What `thalweg compare` computes of two groups of runs, of spectra that come from elsewhere. */
export function spread(a: readonly (readonly Point[])[], b: readonly (readonly Point[])[]) {
  const all = [...a, ...b]
  const distances = Float64Array.from(
    all.flatMap((own) => all.map((other) => distance(own, other)))
  )
  const found = spreadOf(distances, all.length, a.length)
  const test = permutationTest(distances, all.length, a.length, 0)
  return { ...found, ratio: ratioOf(found), test }
}
