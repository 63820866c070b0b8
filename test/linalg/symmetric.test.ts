import { readFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind } from '../../src/kernels/arena.ts'
import { padded } from '../../src/linalg/panels.ts'
import { symmetricEigen, symmetricWork } from '../../src/linalg/symmetric.ts'
import { random } from '../engine/frames.ts'

const symmetric = suite('eigenvalues of symmetric matrices')

type Entry = (i: number, j: number) => number

/** Eigenvalues and vectors, with the matrix that they are of. */
function eigenOf(n: number, entry: Entry, vectors: number, kind: KernelKind = 'base') {
  const pitch = padded(n)
  const arena = new Arena(8 * pitch * pitch + symmetricWork(n) + 256, kind)
  const at = arena.take(8 * pitch * pitch)
  const view = arena.f64(at, pitch * pitch)
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) view[i * pitch + j] = entry(i, j)
  return symmetricEigen(arena, at, n, arena.take(symmetricWork(n)), vectors)
}

/** Largest entry of A V - V Λ, and of VᵀV - I. */
function defects(n: number, entry: Entry, { values, vectors }: ReturnType<typeof eigenOf>) {
  let [residual, skew] = [0, 0]
  vectors.forEach((v, k) => {
    for (let i = 0; i < n; i++) {
      let sum = 0
      for (let j = 0; j < n; j++) sum += entry(Math.max(i, j), Math.min(i, j)) * v[j]!
      residual = Math.max(residual, Math.abs(sum - values[k]! * v[i]!))
    }
    vectors.forEach((u, l) => {
      const inner = u.reduce((sum, value, i) => sum + value * v[i]!, 0)
      skew = Math.max(skew, Math.abs(inner - Number(k === l)))
    })
  })
  return { residual, skew }
}

function randomEntries(n: number): Entry {
  const next = random(n + 1)
  const values = Array.from({ length: n }, (_, i) => Float64Array.from({ length: i + 1 }, next))
  return (i, j) => values[i]![j]!
}

symmetric('are those of LAPACK in magnitude', () => {
  const golden: { kind: string; n: number; seed: number; singularValues: number[] }[] = JSON.parse(
    readFileSync(new URL('../golden/spectra.json', import.meta.url), 'utf8')
  )
  const cases = golden.filter(({ kind }) => kind === 'symmetric')
  assert.is(cases.length, 8)
  for (const { n, seed, singularValues } of cases) {
    let state = seed
    const a = Float64Array.from({ length: n * n }, () => {
      state = (Math.imul(1664525, state) + 1013904223) >>> 0
      return (state >>> 16) - 2 ** 15
    })
    const { values } = eigenOf(n, (i, j) => a[i * n + j]! + a[j * n + i]!, 0)
    const magnitudes = values.map(Math.abs).sort().reverse()
    singularValues.forEach((value, i) => {
      assert.ok(Math.abs(magnitudes[i]! - value) <= 1e-14 * n * singularValues[0]!, `${n}: ${i}`)
    })
  }
})

symmetric('have orthonormal vectors with small residuals', () => {
  for (const kind of ['base', 'js'] as const) {
    for (const n of [1, 2, 5, 40, 130]) {
      const entry = randomEntries(n)
      const eigen = eigenOf(n, entry, 16, kind)
      assert.is(eigen.vectors.length, Math.min(16, n))
      const { residual, skew } = defects(n, entry, eigen)
      assert.ok(residual < 1e-13 * n && skew < 1e-13, `${kind} ${n}: ${residual} ${skew}`)
    }
  }
})

symmetric('may be equal, many times over', () => {
  for (const entry of [
    (i: number, j: number) => Number(i === j),
    (i: number, j: number) => (i === j ? 2 - Number(i > 8) : 0),
    () => 1,
    () => 0,
  ]) {
    const eigen = eigenOf(24, entry, 12)
    const { residual, skew } = defects(24, entry, eigen)
    assert.ok(residual < 1e-13 && skew < 1e-13, `${residual} ${skew}`)
  }
})

symmetric('of a matrix with what is not finite are not numbers', () => {
  const { values, vectors } = eigenOf(4, (i) => (i === 2 ? Number.NaN : 1), 2)
  assert.ok(values.every(Number.isNaN))
  assert.is(vectors.length, 0)
})

symmetric.run()
