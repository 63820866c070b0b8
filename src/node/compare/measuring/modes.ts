import type { Matrix } from '../../../spec/figures.ts'

/**
 * A column counts as an independent direction if, after projections on the others are subtracted, more than this share of its
 * length remains.
 */
const leastShare = 1e-6

/**
 * Sines of the angles between all modes of a and all modes of b, by rows. Each mode is a complex line, so its phase does not
 * matter.
 */
export function sines(a: Matrix, b: Matrix): Float64Array {
  const [own, other] = [columnsOf(a), columnsOf(b)]
  const [n, m] = [own.length / 2, other.length / 2]
  return Float64Array.from({ length: n * m }, (_, at) => {
    const [i, j] = [Math.floor(at / m), at % m]
    const [x, y] = [own[2 * i]!, own[2 * i + 1]!]
    const [u, v] = [other[2 * j]!, other[2 * j + 1]!]
    const re = dot(x, u) + dot(y, v)
    const im = dot(x, v) - dot(y, u)
    const sizes = (dot(x, x) + dot(y, y)) * (dot(u, u) + dot(v, v))
    return sizes > 0 ? Math.sqrt(Math.max(0, 1 - (re * re + im * im) / sizes)) : 1
  })
}

/**
 * The distance between the column spaces of two matrices: the root mean square of the sines of the principal angles between them,
 * 0 to 1. If dimensions differ, there are as many angles as the smaller one.
 */
export function spanDistance(a: Matrix, b: Matrix): number {
  const [own, other] = [orthonormal(columnsOf(a)), orthonormal(columnsOf(b))]
  const dimensions = Math.min(own.length, other.length)
  // The sum of the squared cosines is the squared norm of the product of both bases.
  const common = own.flatMap((x) => other.map((y) => dot(x, y) ** 2)).reduce((s, c) => s + c, 0)
  return dimensions > 0 ? Math.sqrt(Math.max(0, 1 - common / dimensions)) : Number.NaN
}

const columnsOf = ({ columns, values }: Matrix): Float64Array[] =>
  columns.map((_, j) => Float64Array.from(values, (row) => row[j]!))

/** Orthonormalises columns by Gram-Schmidt, applied twice. */
function orthonormal(columns: readonly Float64Array[]): Float64Array[] {
  const basis: Float64Array[] = []
  for (const column of columns) {
    const own = column.slice()
    const before = Math.sqrt(dot(own, own))
    for (let turn = 0; turn < 2; turn++) {
      for (const other of basis) {
        const along = dot(own, other)
        for (let i = 0; i < own.length; i++) own[i]! -= along * other[i]!
      }
    }
    const norm = Math.sqrt(dot(own, own))
    if (norm > leastShare * before) basis.push(own.map((value) => value / norm))
  }
  return basis
}

const dot = (a: Float64Array, b: Float64Array): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)
