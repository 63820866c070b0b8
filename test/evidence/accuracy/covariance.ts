// The benchmark of IncrementalSVD.jl: 1,000 Gaussian samples in 100 dimensions whose covariance has eigenvalues β^i, how much
// more of them the projection on five kept directions leaves out than the best one.

import { jacobi } from '../../../src/linalg/jacobi.ts'
import type { StageContext, StageValue } from '../../../src/stage/define.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import type { SvdOptions } from '../../../src/stages/svd/spec.ts'
import { analyseRecording } from '../../stages/harness.ts'
import { singularValuesOf } from '../../stages/svd/oracle.ts'
import { normal, orthonormal } from '../../stages/svd/spectra.ts'
import type { Reached } from './row.ts'

const [dimensions, samples, rank] = [100, 1000, 5]

/** Mean over ten draws for three β: ours and the published algorithm at equal columns; ours must leave out less. */
export function covariance(columns: number): Reached {
  const figures: string[] = []
  let met = true
  for (const beta of [1, 0.93, 0.78]) {
    let own = 0
    let published = 0
    for (let seed = 0; seed < 10; seed++) {
      const x = draw(beta, seed)
      const sigma = singularValuesOf(x)
      const norm = (from: number, to?: number): number => Math.hypot(...sigma.slice(from, to))
      const excess = (basis: readonly Float64Array[]): number =>
        (leftOut(x, basis.slice(0, rank)) - norm(rank)) / norm(0, rank)
      own += excess(streamed(x, columns)) / 10
      published += excess(chunked(x, columns)) / 10
    }
    met &&= own < published
    figures.push(`${percent(own)} for ${percent(published)} % at ${beta}`)
  }
  return { figure: figures.join(', '), met }
}

const percent = (share: number): string => (100 * share).toPrecision(3)

function draw(beta: number, seed: number): Float32Array[] {
  const q = orthonormal(dimensions, dimensions, 2 * seed + 1)
  const next = normal(2 * seed + 2)
  return Array.from({ length: samples }, () => {
    const column = new Float64Array(dimensions)
    q.forEach((direction, i) => {
      const factor = beta ** (i / 2) * next()
      for (let k = 0; k < dimensions; k++) column[k]! += factor * direction[k]!
    })
    return Float32Array.from(column)
  })
}

/** ‖X - UUᵀX‖_F. */
function leftOut(x: readonly ArrayLike<number>[], basis: readonly Float64Array[]): number {
  let squares = 0
  for (const column of x) {
    const rest = Float64Array.from(column)
    for (const u of basis) {
      const along = u.reduce((sum, value, i) => sum + value * rest[i]!, 0)
      u.forEach((value, i) => {
        rest[i]! -= along * value
      })
    }
    squares += rest.reduce((sum, value) => sum + value * value, 0)
  }
  return Math.sqrt(squares)
}

/** The stage's directions, read from its state after the last block of 20. */
function streamed(x: readonly Float32Array[], columns: number): Float64Array[] {
  const { definition } = svd
  let context: StageContext<SvdOptions> | undefined
  const probed: typeof definition = {
    ...definition,
    needs: () => ({}),
    start: (own) => {
      context = own
      return definition.start(own)
    },
  }
  const stage = {
    ...svd({ rank, columns, walks: false }),
    definition: probed as unknown as StageValue['definition'],
  }
  const { error } = analyseRecording({ deltas: [x] }, stage, { block: 20 })
  if (error) throw error
  const b = context!.arena.f32(context!.rows, tileRows * columns)
  return Array.from({ length: columns }, (_, k) =>
    unit(Float64Array.from(b.subarray(tileRows * k, tileRows * k + dimensions)))
  )
}

/** Brand's update in chunks as long as what is kept, in f64: [U S, X] ≈ U' S' V'ᵀ, cut to `columns`. */
function chunked(x: readonly Float32Array[], columns: number): Float64Array[] {
  let kept: Float64Array[] = []
  for (let t = 0; t < x.length; t += columns) {
    const all = [...kept, ...x.slice(t, t + columns).map((column) => Float64Array.from(column))]
    const k = all.length
    const gram = Float64Array.from({ length: k * k }, (_, at) =>
      all[Math.floor(at / k)]!.reduce((sum, value, i) => sum + value * all[at % k]![i]!, 0)
    )
    const { vectors } = jacobi(gram, k)
    kept = Array.from({ length: Math.min(columns, k) }, (_, j) => {
      const column = new Float64Array(dimensions)
      all.forEach((own, m) => {
        for (let i = 0; i < dimensions; i++) column[i]! += vectors[m * k + j]! * own[i]!
      })
      return column
    })
  }
  return kept.map(unit)
}

function unit(column: Float64Array): Float64Array {
  const norm = Math.hypot(...column)
  return column.map((value) => value / norm)
}
