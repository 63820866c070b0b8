import { ThalwegError } from '../../error.ts'
import { isLiteral } from '../../spec/glob.ts'
import { type Scope, type ScopeShape, type ScopeTensor, tileRows } from '../../stage/scope.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { lookedAt } from './folded.ts'
import { selectTensors } from './select.ts'

/** Rows in memory: tensors one after another, each padded to whole tiles. */
export interface Layout {
  readonly tensors: readonly ScopeTensor[]
  readonly rows: number
  readonly tiles: number
}

/** Where a tensor's elements lie: its element e is element `offset + e` of a part that begins at `row` and has `rows` rows. */
export interface Place {
  readonly row: number
  readonly rows: number
  readonly offset: number
  /** Whether the part has more elements than rows, so that several elements share a row. */
  readonly folded: boolean
}

/** The rows of a run, with the place of each selected tensor by its index in `open.tensors`. */
export interface RunLayout extends Layout {
  readonly places: ReadonlyMap<number, Place>
}

/** A scope with the places of its tensors in its layout. */
export interface PlacedScope extends ScopeShape {
  /** First tile in the layout, for each of `tensors`. */
  readonly places: readonly number[]
}

/** Lays out tensors, given by their numbers of rows, in tiles. */
export function layOut(
  tensors: readonly Pick<ScopeTensor, 'index' | 'name' | 'rows' | 'folded' | 'parts'>[]
): Layout {
  let tile = 0
  const laid = tensors.map(({ index, name, rows, folded, parts }) => {
    const tiles = Math.ceil(rows / tileRows)
    tile += tiles
    return { index, name, rows, folded, tile: tile - tiles, tiles, parts }
  })
  return { tensors: laid, rows: laid.reduce((sum, tensor) => sum + tensor.rows, 0), tiles: tile }
}

/** The layout of a run's selected tensors, one row per element. */
export function layoutOf(open: OpenFrame, indices: readonly number[]): RunLayout {
  const layout = layOut(
    indices.map((index) => {
      const { name, elements, fold } = open.tensors[index]!
      return { index, name, rows: elements, folded: fold?.elements }
    })
  )
  const places = layout.tensors.map(({ index, tile, rows }): [number, Place] => [
    index,
    { row: tile * tileRows, rows, offset: 0, folded: false },
  ])
  return { ...layout, places: new Map(places) }
}

/** A null walks on a sample of at most this many tiles, which is 65,536 rows. */
const nullTiles = 256

/** A layout's sample: a layout of its own, and for each of its tiles the tile's number in the full layout. */
export interface Sample {
  readonly layout: Layout
  readonly tiles: readonly number[]
}

/** The fixed sample of a layout on which the null runs. */
export function sampleOf(layout: Layout): Sample {
  const tiles = sampleTiles(layout)
  const sampled: (typeof layout.tensors)[number][] = []
  let next = 0
  for (const tensor of layout.tensors) {
    let rows = 0
    for (; next < tiles.length && tiles[next]! < tensor.tile + tensor.tiles; next++) {
      rows += Math.min(tileRows, tensor.rows - (tiles[next]! - tensor.tile) * tileRows)
    }
    if (rows > 0) sampled.push({ ...tensor, rows, folded: undefined, parts: undefined })
  }
  return { layout: layOut(sampled), tiles }
}

/**
 * All tiles if there are few. Otherwise evenly spaced tiles of each tensor, in proportion to its size. With very many tensors,
 * tiles spaced evenly over the whole layout.
 */
function sampleTiles(layout: Layout): number[] {
  const spread = (from: number, tiles: number, count: number): number[] =>
    Array.from({ length: count }, (_, k) => from + Math.floor((k * tiles) / count))
  if (layout.tiles <= nullTiles) return spread(0, layout.tiles, layout.tiles)
  const spare = nullTiles - layout.tensors.length
  if (spare < 0) return spread(0, layout.tiles, nullTiles)
  return layout.tensors.flatMap(({ tile, tiles }) =>
    spread(
      tile,
      tiles,
      tiles > 0 ? Math.min(tiles, 1 + Math.floor((tiles * spare) / layout.tiles)) : 0
    )
  )
}

export interface ScopeChoice {
  readonly per: 'model' | 'tensor' | 'group'
  readonly select?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] }
  readonly groups: Readonly<Record<string, readonly string[]>>
  /** Whether the stage can look at a tensor, by its index in `open.tensors`. */
  isTaken(index: number): boolean
  /** Tensors with fewer rows share the group `small` unless the selection names them. */
  readonly smallest: number
  /** Whether the stage needs single weights. */
  readonly weights: boolean
  /** Where the choice stands in the configuration, for error messages. */
  readonly path: string
}

/** Cuts a layout into the scopes that a stage works on. */
export function cutScopes(open: OpenFrame, layout: Layout, choice: ScopeChoice): PlacedScope[] {
  const { tensors } = layout
  const selected = selectTensors(tensors, choice.select ?? {}, `${choice.path}.select`).indices
  const taken = selected.filter((i) => choice.isTaken(tensors[i]!.index))
  if (taken.length === 0 && selected.length > 0) {
    throw new ThalwegError(
      'E_SELECT',
      `${choice.path}: none of the selected tensors is one that this stage can look at. Select others, or leave the stage out.`
    )
  }
  const chosen = choice.select?.include ? taken : lookedAt(taken, layout, open, choice.weights)
  if (choice.per === 'model') return [scopeOf('model', chosen, layout)]
  if (choice.per === 'group') {
    const all = new Set(chosen)
    return Object.entries(choice.groups).map(([name, include]) => {
      const picked = selectTensors(tensors, { include }, `groups.${name}`).indices
      return scopeOf(
        `group:${name}`,
        picked.filter((i) => all.has(i)),
        layout
      )
    })
  }
  const literal = new Set(choice.select?.include?.filter(isLiteral))
  const isSmall = (i: number): boolean =>
    tensors[i]!.rows < choice.smallest && !literal.has(tensors[i]!.name)
  const small = chosen.filter(isSmall)
  const scopes = chosen
    .filter((i) => !isSmall(i))
    .map((i) => scopeOf(`tensor:${tensors[i]!.name}`, [i], layout))
  return small.length > 0 ? [...scopes, scopeOf('group:small', small, layout)] : scopes
}

/** The scopes of the same names in the sample; undefined for a scope of which no tile was sampled. */
export function sampleScopes(
  scopes: readonly PlacedScope[],
  sample: Layout
): (PlacedScope | undefined)[] {
  const positions = new Map(sample.tensors.map(({ index }, i) => [index, i]))
  return scopes.map(({ name, tensors }) => {
    const picked = tensors.flatMap(({ index }) => positions.get(index) ?? [])
    return picked.length > 0 ? scopeOf(name, picked, sample) : undefined
  })
}

/** The scope of the tensors at these positions of a layout. */
export function scopeOf(name: string, picked: readonly number[], layout: Layout): PlacedScope {
  const isWhole = picked.length === layout.tensors.length
  const own = isWhole ? layout : layOut(picked.map((i) => layout.tensors[i]!))
  return {
    name,
    tensors: own.tensors,
    rows: own.rows,
    tiles: own.tiles,
    indices: own.tensors.map(({ index }) => index),
    elements: own.tensors.reduce((sum, { rows, folded }) => sum + (folded ?? rows), 0),
    places: picked.map((i) => layout.tensors[i]!.tile),
  }
}

/** The part of a scope that lies in tiles [from, to) of the layout. */
export function shardScope(scope: PlacedScope, from: number, to: number): Scope {
  const segments: { tile: number; tiles: number; index: number }[] = []
  scope.tensors.forEach((tensor, i) => {
    const place = scope.places[i]!
    const first = Math.max(place, from)
    const tiles = Math.min(place + tensor.tiles, to) - first
    if (tiles <= 0) return
    const segment = { tile: first - from, tiles, index: tensor.tile + first - place }
    const last = segments.at(-1)
    if (
      last &&
      last.tile + last.tiles === segment.tile &&
      last.index + last.tiles === segment.index
    ) {
      last.tiles += tiles
    } else segments.push(segment)
  })
  const start = tilesWithin(scope, 0, from)
  return { ...scope, segments, from: start, to: start + tilesWithin(scope, from, to) }
}

/** The number of a scope's tiles that lie in tiles [from, to) of the layout. */
export function tilesWithin({ tensors, places }: PlacedScope, from: number, to: number): number {
  return tensors.reduce((sum, { tiles }, i) => {
    const place = places[i]!
    return sum + Math.max(0, Math.min(place + tiles, to) - Math.max(place, from))
  }, 0)
}
