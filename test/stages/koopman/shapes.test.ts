// Modes in the weights, of runs whose modes are known.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { orthonormal } from '../../support/orthonormal.ts'
import { blocks, frames, gaussian, lastOf, runOf, saidOf } from './runs.ts'

const shapes = suite('modes in the weights')

const matrix = blocks(0.98, [0.97, 0.3])
const options = { steps: 150, start: [1, 1, 0] }

/** Cosine of the angle between a mode and the span of some vectors of unit length. */
function cosine(mode: readonly (readonly number[])[], ...vectors: Float64Array[]): number {
  const size = Math.hypot(...mode.flat())
  const along = vectors.flatMap((vector) =>
    mode.map((part) => part.reduce((sum, value, i) => sum + value * (vector[i] ?? 0), 0))
  )
  return Math.hypot(...along) / size
}

const modeOf = (values: readonly (readonly number[])[], j: number) =>
  [2 * j, 2 * j + 1].map((column) => values.map((row) => row[column]!))

for (const [name, svd] of [
  ['along directions', {}],
  ['weights as they are', false],
] as const) {
  shapes(`${name}: the vectors that each eigenvalue belongs to`, () => {
    const rows = svd === false ? 9 : 200
    const said = lastOf(frames([runOf(matrix, { ...options, rows })]), {
      svd,
      koopman: { modes: 3, shapes: 256 },
    })
    const q = orthonormal(rows, 3, gaussian(77)).map((own) => Float64Array.from(own))
    const own = said.shapes!
    assert.is(own.columns.length, 6)
    said.eigenvalues!.forEach(([, im], j) => {
      const found = cosine(modeOf(own.values, j), ...(im === 0 ? [q[0]!] : [q[1]!, q[2]!]))
      assert.ok(found > 1 - 1e-6, `mode ${j}: ${found}`)
    })
  })
}

shapes(
  'in fewer slots than weights products stay what they are, within one over their root',
  () => {
    const rows = 3000
    const run = (start: number[]) =>
      lastOf(frames([runOf(matrix, { ...options, start, rows })]), {
        koopman: { modes: 3, shapes: 512 },
      })
    const [a, b] = [run([1, 1, 0]), run([2, 1, 1])]
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const [x, y] = [modeOf(a.shapes!.values, i), modeOf(b.shapes!.values, j)]
        const re = dot(x[0]!, y[0]!) + dot(x[1]!, y[1]!)
        const im = dot(x[0]!, y[1]!) - dot(x[1]!, y[0]!)
        const found = Math.hypot(re, im) / (Math.hypot(...x.flat()) * Math.hypot(...y.flat()))
        const isSame = i === j
        if (isSame) assert.ok(found > 1 - 1e-6, `${i}: ${found}`)
        else assert.ok(found < 4 / Math.sqrt(512), `${i}, ${j}: ${found}`)
      }
    }
  }
)

shapes('a summary between blocks has them too, and none where there is no spectrum', () => {
  const stream = frames([runOf(matrix, { ...options, steps: 60, rows: 100 })])
  const said = saidOf(stream, { koopman: { modes: 3, shapes: 256 } }, { block: 16 })
  const { shapes: last, eigenvalues } = said.at(-1)!
  assert.is(last!.columns.length, 2 * eigenvalues!.length)
  const still = frames([Array.from({ length: 40 }, () => [1, 1, 1])])
  assert.is(lastOf(still, { koopman: { shapes: 256 } }).shapes, undefined)
})

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

shapes.run()
