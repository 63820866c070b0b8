import type { Arena } from '../../../kernels/arena.ts'
import { svdKernels } from '../kernels.gen.ts'

/** The search stops when no entry of C is larger than this. */
const largest = 1.5

/** A choice of columns S of M for which the other columns' products with V are small multiples: V_R = C V_S. */
export interface Pivots {
  /** For each column of the basis, the row of V that was chosen for it. */
  readonly chosen: Int32Array
  /** All other rows of V, in order. */
  readonly rest: Int32Array
  /** C, with a row for each of `rest`. */
  readonly coefficients: Float64Array
  /** V_S⁻¹, by rows. */
  readonly inverse: Float64Array
}

/**
 * Chooses `count` rows of V, `rows` x `count`, of full rank: first those of the largest entries, then others as long as an entry of C is
 * above `largest` (`assembly/lib/svd-pivots.ts`). Chosen rows whose number is below `count` keep it as their place. Undefined if V is
 * singular.
 */
export type Choose = (v: Float64Array, rows: number, count: number) => Pivots | undefined

/** Bytes of memory that `chooseIn` works in; `most` is the largest number of rows. */
export function chooseWork(most: number): number {
  return (2 * most * 8 + 2 * 4) * most
}

/** @param work address of `chooseWork` bytes */
export function chooseIn(arena: Arena, work: number): Choose {
  const kernels = arena.kernels(svdKernels)
  return (v, rows, count) => {
    const a = arena.f64(work, (rows + count) * count)
    a.set(v)
    a.fill(0, rows * count)
    for (let j = 0; j < count; j++) a[(rows + j) * count + j] = 1
    const lists = work + a.byteLength
    const [rowOf, isChosen] = [arena.u32(lists, count), arena.u32(lists + 4 * count, rows)]
    const place = { a: work, rowOf: rowOf.byteOffset, isChosen: isChosen.byteOffset }
    if (kernels.svd_pivots({ ...place, n: rows, count, largest }) === 0) return undefined
    const rest = Int32Array.from(isChosen.keys()).filter((i) => isChosen[i] === 0)
    const columns = placed(rowOf, isChosen)
    const inOrder = (rows: Int32Array): Float64Array => {
      const out = new Float64Array(rows.length * count)
      for (let i = 0, at = 0; i < rows.length; i++) {
        const row = rows[i]! * count
        for (let j = 0; j < count; j++, at++) out[at] = a[row + columns[j]!]!
      }
      return out
    }
    return {
      chosen: columns.map((j) => rowOf[j]!),
      rest,
      coefficients: inOrder(rest),
      inverse: inOrder(Int32Array.from({ length: count }, (_, j) => rows + j)),
    }
  }
}

/** The columns in the order of their places: a row below `count` has its own place, the others take the free ones. */
function placed(rowOf: Uint32Array, isChosen: Uint32Array): Int32Array {
  const count = rowOf.length
  const moved = Array.from(rowOf.keys()).filter((j) => rowOf[j]! >= count)
  return Int32Array.from({ length: count }, (_, place) =>
    isChosen[place] === 1 ? rowOf.indexOf(place) : moved.shift()!
  )
}
