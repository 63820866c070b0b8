import { eigenvectors } from '../../linalg/eigenvectors.ts'
import { countsTree, mix, type Step, type Turn, tileRows } from '../../stage/index.ts'
import type { Found } from './analysis.ts'
import type { Layout } from './layout.ts'
import type { KoopmanValues } from './report.ts'
import type { KoopmanContext } from './spec.ts'

export type Shapes = NonNullable<KoopmanValues['shapes']>

/** Rows are rounded to multiples of 2 to the minus this power, so that sums of 2^23 of them are exact in any order. */
const digits = 30

/** A mode of unit length in r coordinates, as real and imaginary parts. */
type Vector = readonly [re: Float64Array, im: Float64Array]

/**
 * The modes in the coordinates of the newest position: w = l diag(σ) Vᵀ for each left eigenvector l of the map. The run multiplies w by μ
 * from one recorded step to the next.
 */
export function vectorsOf({ fit, modes: values }: Found, { size, state }: Layout): Vector[] {
  const { modes, lengths, vectors, map } = fit
  const { left } = eigenvectors(map, modes, values)
  return values.map((_, j) => {
    const parts = [left.re, left.im].map((own) => {
      const part = new Float64Array(size)
      for (let i = 0; i < modes; i++) {
        const weight = own[j * modes + i]! * lengths[i]!
        const newest = i * state + state - size
        for (let c = 0; c < size; c++) part[c]! += weight * vectors[newest + c]!
      }
      return part
    })
    const norm = Math.sqrt(parts.flatMap((part) => [...part]).reduce((sum, x) => sum + x * x, 0))
    if (norm > 0) for (const part of parts) for (let c = 0; c < size; c++) part[c]! /= norm
    return parts as unknown as Vector
  })
}

/** These vectors in the basis before a turn R: applies Rᵀ to each. */
export function turnedBack(vectors: readonly Vector[], { rotation, from, to }: Turn): Vector[] {
  return vectors.map(
    (parts) =>
      parts.map((part) => {
        const back = new Float64Array(part.length)
        for (let i = 0; i < to; i++) {
          for (let j = 0; j < from; j++) back[j]! += rotation[i * from + j]! * part[i]!
        }
        return back
      }) as unknown as Vector
  )
}

/** Modes of weights that are used themselves as coordinates. */
export const asTheyAre = (vectors: readonly Vector[]): Shapes =>
  matrixOf(vectors, vectors[0]?.[0].length ?? 0)

/**
 * The modes in the weights, as signed sums of rows in a few slots. Row i of the scope goes to slot mix(2 i) mod m with the sign of mix(2
 * i + 1), or to slot i if there are as many slots as rows. Two runs of one network have their rows in the same slots, so that inner
 * products of their modes are preserved, to some 1 / √m.
 *
 * @param scales of the factor's columns
 */
export function* sketched(
  { arena, scope, ports }: KoopmanContext,
  vectors: readonly Vector[],
  scales: Float64Array,
  slots: number
): Step<Shapes> {
  const { pointer, storageBytes, room, kept } = ports.factor!
  const used = Math.min(kept, scales.length)
  const isWhole = scope.tiles * tileRows <= slots
  const sums = new Float64Array(1 + used * slots)
  for (const { tiles, index } of scope.segments) {
    for (let tile = index; tile < index + tiles; tile++) {
      const columns = Array.from({ length: used }, (_, i) => {
        const at = pointer + ((tile - scope.from) * room + i) * tileRows * storageBytes
        return storageBytes === 8 ? arena.f64(at, tileRows) : arena.f32(at, tileRows)
      })
      for (let i = 0; i < tileRows; i++) {
        const row = tile * tileRows + i
        const slot = isWhole ? row : mix(2 * row) % slots
        const sign = isWhole || mix(2 * row + 1) < 2 ** 31 ? 1 : -1
        for (let c = 0; c < used; c++) {
          const value = scales[c]! > 0 ? columns[c]![i]! / scales[c]! : 0
          sums[1 + c * slots + slot]! += sign * Math.floor(value * 2 ** digits + 0.5)
        }
      }
    }
  }
  const { add } = yield { add: countsTree(scope, sums) }
  const seen = vectors.map(
    (parts) =>
      parts.map((part) => {
        const out = new Float64Array(slots)
        for (let c = 0; c < used; c++) {
          const weight = part[c]! / 2 ** digits
          for (let s = 0; s < slots; s++) out[s]! += weight * add[1 + c * slots + s]!
        }
        return out
      }) as unknown as Vector
  )
  return matrixOf(seen, slots)
}

/** By rows: the real and the imaginary part of each mode, mode by mode, to seven decimals. */
function matrixOf(vectors: readonly Vector[], rows: number): Shapes {
  const rounded = (value: number): number => Math.floor(value * 1e7 + 0.5) / 1e7
  return {
    rows: Array.from({ length: rows }, (_, row) => row),
    columns: vectors.flatMap((_, j) => [`${j + 1} re`, `${j + 1} im`]),
    values: Array.from({ length: rows }, (_, row) =>
      vectors.flatMap((parts) => parts.map((part) => rounded(part[row]!)))
    ),
  }
}
