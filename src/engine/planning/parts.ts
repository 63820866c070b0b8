import { type ScopePart, tileRows } from '../../stage/scope.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { layOut, type Place, type PlacedScope, type RunLayout, scopeOf } from './layout.ts'

/** Tensors whose elements lie one after another in shared rows, and how many rows they take together. */
export interface Part {
  readonly members: readonly number[]
  readonly rows: number
}

/** Groups tensors by the set of scopes that they lie in. Groups come in order of their first tensors. */
export function partsOf(
  indices: readonly number[],
  scopes: readonly PlacedScope[]
): readonly (readonly number[])[] {
  // Tensors with the same number have been in the same scopes so far.
  const numbers = new Map(indices.map((index) => [index, 0]))
  let next = 1
  for (const scope of scopes) {
    const renumbered = new Map<number, number>()
    for (const index of scope.indices) {
      const number = numbers.get(index)
      if (number === undefined) continue
      if (!renumbered.has(number)) renumbered.set(number, next++)
      numbers.set(index, renumbered.get(number)!)
    }
  }
  const parts = new Map<number, number[]>()
  for (const [index, number] of numbers) {
    const members = parts.get(number)
    if (members) members.push(index)
    else parts.set(number, [index])
  }
  return [...parts.values()]
}

export function elementsIn(open: OpenFrame, members: readonly number[]): number {
  return members.reduce((sum, index) => sum + open.tensors[index]!.elements, 0)
}

/** Lays parts out in tiles. Each part has the index and the name of its first tensor. */
export function layOutParts(open: OpenFrame, parts: readonly Part[]): RunLayout {
  const layout = layOut(
    parts.map(({ members, rows }) => {
      const { name, fold } = open.tensors[members[0]!]!
      const elements = elementsIn(open, members)
      return { index: members[0]!, name, rows, folded: elements > rows ? elements : fold?.elements }
    })
  )
  const places = new Map<number, Place>()
  const tensors = parts.map(({ members }, i) => {
    const tensor = layout.tensors[i]!
    const { tile, rows } = tensor
    const elements = elementsIn(open, members)
    const own: ScopePart[] = []
    let offset = 0
    for (const index of members) {
      places.set(index, { row: tile * tileRows, rows, offset, folded: elements > rows })
      own.push({ index, name: open.tensors[index]!.name, first: offset })
      offset += open.tensors[index]!.elements
    }
    return { ...tensor, parts: own.length > 1 && elements === rows ? own : undefined }
  })
  return { ...layout, tensors, places }
}

/** Maps scopes of a layout of single tensors to a layout of parts. Every part lies in a scope entirely or not at all. */
export function scopesIn(scopes: readonly PlacedScope[], layout: RunLayout): PlacedScope[] {
  const positions = new Map(layout.tensors.map(({ index }, i) => [index, i]))
  return scopes.map(({ name, indices, elements }) => {
    const parts = indices.flatMap((index) => positions.get(index) ?? [])
    return { ...scopeOf(name, parts, layout), indices, elements }
  })
}

/** Up to this many tensors of less than a tile get a tile each. If there are more, those in the same scopes share tiles. */
const mostAlone = 256

/**
 * The layout in which small tensors, of less than a tile, are packed without padding if very many of them lie in the same scopes.
 * Returns undefined if there are not that many. Other tensors keep their own tiles, so their sums are the same bits.
 */
export function packedLayout(
  open: OpenFrame,
  indices: readonly number[],
  scopes: readonly PlacedScope[]
): RunLayout | undefined {
  const rowsOf = (index: number): number => open.tensors[index]!.elements
  const isTiny = (index: number): boolean =>
    rowsOf(index) < tileRows && open.tensors[index]!.fold === undefined
  if (indices.filter(isTiny).length <= mostAlone) return undefined
  const owners = new Map<number, Part>()
  for (const members of partsOf(indices.filter(isTiny), scopes)) {
    if (members.length <= mostAlone) continue
    const part = { members, rows: members.reduce((sum, index) => sum + rowsOf(index), 0) }
    for (const index of members) owners.set(index, part)
  }
  if (owners.size === 0) return undefined
  const parts = indices.map(
    (index) => owners.get(index) ?? { members: [index], rows: rowsOf(index) }
  )
  return layOutParts(open, [...new Set(parts)])
}
