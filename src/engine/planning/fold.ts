/**
 * The sketch: rows that are signed sums of elements, as many for any model.
 *
 * Element e of a part, in chunk c = ⌊e / m⌋, goes with a random sign to row (e + ρ_c) mod m, m = 65,536: a count sketch
 * (Charikar, Chen and Farach-Colton 2002) whose places are cheap, since a chunk is only turned. Signs and turns are
 * functions of seed and place. It is linear, so deltas, anchors and tangents are folded as they come, in any pieces, and
 * all that works on inner products of columns goes on as if the model had m weights. An inner product deviates by
 * √((‖x‖²‖y‖² + ⟨x, y⟩²) / m) or less (standard deviation), a norm by 1/√(2 m) of itself, 0.28 %, whatever the size.
 *
 * @module
 */
import { mix } from '../../kernels/mix.ts'
import { sketchRows } from '../../stage/sketch.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import type { Place, PlacedScope, RunLayout } from './layout.ts'
import { elementsIn, layOutParts, partsOf } from './parts.ts'

/** Elements whose signs come from one draw of four words. */
export const signRun = 128

/**
 * Tensors that lie in the same scopes share a part; parts of more than `sketchRows` elements are folded to so many rows.
 * What its producer has folded stays as it came: folded again it would have the errors of both.
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
  /** Row of the first, in the layout. */
  readonly row: number
}

/** Elements [from, to) of a tensor in stretches. */
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

/** The sign that it goes with. */
export function signOf(element: number, seed: number): number {
  const word = mix(seed ^ mix(Math.floor(element / signRun) * 4 + (element % 4)))
  return ((word << ((element % signRun) >> 2)) & 0x80000000) === 0 ? 1 : -1
}
