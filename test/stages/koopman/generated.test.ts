// Random maps as LAPACK makes them to test its own dynamic mode decomposition (`xGEDMD`, testing/dchkdmd.f90): eigenvalues of
// six kinds that lie up to eight decades apart, mixed by a random matrix.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { principal } from '../../../src/linalg/principal.ts'
import { frames, gaussian, lastOf, type Row, runOf } from './runs.ts'

const generated = suite('spectra of generated maps')

const size = 6
const condition = 1e8

/** 10 M N ε for M numbers at N pairs, as LAPACK asks. */
const tolerance = 10 * size * 96 * 2 ** -53

/** As LAPACK's `dlatm1` has them, largest 1. */
const kinds: Readonly<Record<string, (i: number, uniform: () => number) => number>> = {
  'one large': (i) => (i === 0 ? 1 : 1 / condition),
  'one small': (i) => (i < size - 1 ? 1 : 1 / condition),
  geometric: (i) => condition ** (-i / (size - 1)),
  arithmetic: (i) => 1 - (i / (size - 1)) * (1 - 1 / condition),
  'evenly spread logarithms': (_, uniform) => condition ** -uniform(),
  'evenly spread': (_, uniform) => uniform(),
}

/** V diag(values) V⁻¹ for a random V near I. */
function mapOf(values: readonly number[], seed: number): Row[] {
  const normal = gaussian(seed)
  const v = values.map((_, i) => values.map((_, j) => Number(i === j) + 0.12 * normal()))
  const inverse = invert(v)
  return values.map((_, i) =>
    values.map((_, j) =>
      values.reduce((sum, value, k) => sum + v[i]![k]! * value * inverse[k]![j]!, 0)
    )
  )
}

/** By Gauss and Jordan with pivots. */
function invert(matrix: readonly Row[]): number[][] {
  const n = matrix.length
  const rows = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))])
  for (let k = 0; k < n; k++) {
    let pivot = k
    for (let i = k; i < n; i++) if (Math.abs(rows[i]![k]!) > Math.abs(rows[pivot]![k]!)) pivot = i
    ;[rows[k], rows[pivot]] = [rows[pivot]!, rows[k]!]
    const head = rows[k]![k]!
    rows[k] = rows[k]!.map((value) => value / head)
    for (let i = 0; i < n; i++) {
      if (i === k) continue
      const factor = rows[i]![k]!
      rows[i] = rows[i]!.map((value, j) => value - factor * rows[k]![j]!)
    }
  }
  return rows.map((row) => row.slice(n))
}

/** Smallest singular value of A - (re + i im), over the largest of A. */
function backwardError(matrix: readonly Row[], re: number, im: number): number {
  const real = new Float64Array(4 * size * size)
  matrix.forEach((row, i) => {
    row.forEach((value, j) => {
      const entry = i === j ? value - re : value
      real[i * 2 * size + j] = entry
      real[(size + i) * 2 * size + size + j] = entry
    })
    real[i * 2 * size + size + i] = im
    real[(size + i) * 2 * size + i] = -im
  })
  const values = principal(real, 2 * size, 2 * size, 0)!.values
  const norm = principal(Float64Array.from(matrix.flat()), size, size, 0)!.values[0]!
  return (values.length < 2 * size ? 0 : values.at(-1)!) / norm
}

for (const [kind, sizeOf] of Object.entries(kinds)) {
  generated(`D7: ${kind}`, () => {
    for (let seed = 1; seed <= 3; seed++) {
      const normal = gaussian(seed)
      const uniform = (): number => Math.abs(normal() / 6)
      // Signs as they fall, as LAPACK has them too.
      const values = Array.from(
        { length: size },
        (_, i) => Math.sign(normal()) * sizeOf(i, uniform)
      )
      const matrix = mapOf(values, 40 + seed)
      const runs = Array.from({ length: 12 }, (_, m) =>
        runOf(matrix, {
          steps: 8,
          rows: size,
          start: Array.from({ length: size }, gaussian(90 + m)),
        })
      )
      const { eigenvalues, modes } = lastOf(frames(runs), {
        svd: false,
        koopman: { pool: true, modes: size },
      })
      assert.is(eigenvalues!.length, size)
      for (const [re, im] of eigenvalues!) {
        const error = backwardError(matrix, re, im)
        assert.ok(error < tolerance, `seed ${seed}: ${re} + ${im}i is off by ${error}`)
      }
      for (const { residual, modulus } of modes!) {
        assert.ok(residual < 1e-9, `seed ${seed}: residual ${residual} of ${modulus}`)
      }
    }
  })
}

generated('D5: a pair of two decaying modes comes out to 1e-8', () => {
  const { eigenvalues } = lastOf(frames([runOf(mapOf([0.8, 0.7], 3), { steps: 100, rows: 2 })]), {
    svd: false,
  })
  assert.ok(Math.abs(eigenvalues![0]![0] - 0.8) < 1e-8, `${eigenvalues![0]}`)
  assert.ok(Math.abs(eigenvalues![1]![0] - 0.7) < 1e-8, `${eigenvalues![1]}`)
})

generated.run()
