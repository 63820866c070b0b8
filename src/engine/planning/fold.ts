/**
 * The sketch: rows that are signed sums of elements, at most 65,536 per part for a model of any size.
 *
 * Element e of a part, in chunk c = ⌊e / m⌋, goes with a random sign to row (e + ρ_c) mod m, m = 65,536. This is a count sketch
 * (Charikar, Chen and Farach-Colton 2002) with cheap placement: each chunk is only rotated. Signs and rotations are functions of
 * seed and place. The sketch is linear, so deltas, anchors and tangents are folded as they come, in pieces of any size. Everything
 * that works on inner products of columns then works as if the model had m weights. The standard deviation of an inner product is
 * at most √((‖x‖²‖y‖² + ⟨x, y⟩²) / m). That of a norm is 1/√(2 m) of the norm, 0.28 %, whatever the size.
 * @module
 */
import { mix } from '../../kernels/mix.ts'
import { sketchRows } from '../../stage/sketch.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { Place, PlacedScope, RunLayout } from './layout.ts'
import { elementsIn, layOutParts, partsOf } from './parts.ts'

/** Number of elements whose signs come from one draw of four words. */
export const signRun = 128

/**
 * Tensors in the same scopes share a part. A part of more than `sketchRows` elements is folded to `sketchRows` rows. A tensor that
 * its producer has already folded stays unchanged, since a second fold would add its own error.
 */
export function foldedLayout(
  open: OpenFrame,
  indices: readonly number[],
  scopes: readonly PlacedScope[]
): RunLayout {
  const isFolded = (index: number): boolean => open.tensors[index]!.fold !== undefined
  const whole = partsOf(
    indices.filter((index) => !isFolded(index)),
    scopes
  ).map((members) => ({ members, rows: Math.min(elementsIn(open, members), sketchRows) }))
  const folded = indices
    .filter(isFolded)
    .map((index) => ({ members: [index], rows: open.tensors[index]!.elements }))
  const parts = [...whole, ...folded].sort((a, b) => a.members[0]! - b.members[0]!)
  return layOutParts(open, parts)
}

/** Consecutive elements of a tensor that lie in consecutive rows. */
export interface Stretch {
  readonly first: number
  readonly last: number
  /** Row of the first element, in the layout. */
  readonly row: number
}

/** Splits elements [from, to) of a tensor into stretches. */
export function* stretches(
  { row, rows, offset, folded }: Place,
  from: number,
  to: number,
  seed: number
): Generator<Stretch> {
  for (let first = from; first < to; ) {
    const element = offset + first
    const own = folded ? rowOf(element, seed) : element
    const chunk = folded ? rows - (element % rows) : to - first
    const last = Math.min(to, first + Math.min(chunk, rows - own))
    yield { first, last, row: row + own }
    first = last
  }
}

/** The row of `sketchRows` that an element of a folded part goes to. */
export function rowOf(element: number, seed: number): number {
  return (element + mix(~seed ^ mix(Math.floor(element / sketchRows)))) % sketchRows
}

/** The sign with which an element of a folded part is added. */
export function signOf(element: number, seed: number): number {
  const word = mix(seed ^ mix(Math.floor(element / signRun) * 4 + (element % 4)))
  return ((word << ((element % signRun) >> 2)) & 0x80000000) === 0 ? 1 : -1
}
