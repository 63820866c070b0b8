import {
  countsTree,
  mix,
  type Scope,
  type ScopeShape,
  type Step,
  tileRows,
} from '../../stage/index.ts'
import type { Moments, Rows, TileView } from './rows.ts'
import type { CmdContext } from './spec.ts'

/** Rows are drawn from at most this many tiles, a million rows, so that what the shards exchange stays small. */
const mostTiles = 4096

/**
 * Rows of a scope that all shards know, in a table with a line for each row: the values listed in `place`, the last of which is its row of
 * B.
 */
export interface KnownRows {
  readonly count: number
  /** Columns of B. */
  readonly kept: number
  readonly table: Float64Array
}

/** Places in a line: the row's number in the scope (256 for each tile), E (0 if it stands still), mean, first weight, B. */
export const place = { row: 0, energy: 1, mean: 2, origin: 3, factor: 4 } as const

/** Number of values in a line. */
export const lineOf = ({ kept }: Pick<KnownRows, 'kept'>): number => place.factor + kept

/**
 * Draws `samples` of the rows that have moved, half of them in proportion to E and half evenly. The cumulated shares are cut into that many
 * equal intervals, and one random point is drawn in each. (Points at equal distances could fall into step with the rows of a weight
 * matrix.) A row with a large share is drawn more than once. Returns them in the scope's order.
 */
export function* drawRows(
  { scope, options: { samples, seed } }: CmdContext,
  rows: Rows,
  { energy, moving }: Moments,
  kept: number
): Step<KnownRows> {
  const tiles = sampledTiles(scope, seed)
  const ofShard = rows.moved()
  const own = new Float64Array(2 * tiles.length).fill(-Infinity)
  tiles.forEach(({ index }, i) => {
    if (index < scope.from || index >= scope.to) return
    const at = 2 * (index - scope.from)
    own[2 * i] = ofShard[at]!
    own[2 * i + 1] = ofShard[at + 1]!
  })
  const moved = yield* shared(scope, own)
  const shareOf = (square: number, count: number): number => (square / energy + count / moving) / 2
  const intervals = tiles.flatMap(({ index, weight }, i) => {
    const share = shareOf(moved[2 * i]!, moved[2 * i + 1]!)
    return share > 0 ? [{ index, weight, length: share * weight }] : []
  })
  const points = pointsAlong(intervals, samples, seed)
  const line = lineOf({ kept })
  const table = new Float64Array(samples * line).fill(-Infinity)
  intervals.forEach(({ index, weight }, i) => {
    const { first, distances } = points[i]!
    const tile = distances.length > 0 ? rows.tile(index) : undefined
    if (!tile) return
    rowsAlong(tile, distances, weight, shareOf).forEach((row, n) => {
      describe(tile, index, row, kept, table, (first + n) * line)
    })
  })
  return { count: samples, kept, table: yield* shared(scope, table) }
}

/** For each distance along a tile that stands for `weight` tiles, the row that lies there. */
function rowsAlong(
  { energy }: TileView,
  distances: readonly number[],
  weight: number,
  shareOf: (square: number, count: number) => number
): number[] {
  const rows: number[] = []
  let sum = 0
  let row = 0
  let next = 0
  for (const distance of distances) {
    for (; next < tileRows && sum <= distance / weight; next++) {
      const square = energy[next]!
      if (!(square > 0)) continue
      sum += shareOf(square, 1)
      row = next
    }
    rows.push(row)
  }
  return rows
}

/** Looks up rows by their numbers. */
export function* rowsAt(
  scope: Scope,
  rows: Rows,
  numbers: Float64Array,
  kept: number
): Step<KnownRows> {
  const line = lineOf({ kept })
  const table = new Float64Array(numbers.length * line).fill(-Infinity)
  numbers.forEach((number, i) => {
    const row = number % tileRows
    const index = (number - row) / tileRows
    const tile = rows.tile(index)
    if (tile) describe(tile, index, row, kept, table, i * line)
  })
  return { count: numbers.length, kept, table: yield* shared(scope, table) }
}

/** Writes the line of one row of a tile into a table. */
function describe(
  { energy, mean, origins, factor }: TileView,
  index: number,
  row: number,
  kept: number,
  table: Float64Array,
  at: number
): void {
  const moves = energy[row]! > 0
  table[at + place.row] = index * tileRows + row
  table[at + place.energy] = moves ? energy[row]! : 0
  table[at + place.mean] = moves ? mean[row]! : 0
  table[at + place.origin] = origins?.[row] ?? 0
  for (let k = 0; k < kept; k++) table[at + place.factor + k] = factor[k * tileRows + row]!
}

/** Joins values of which each shard knows a part; -Infinity marks a value that a shard does not know. */
function* shared(scope: Scope, values: Float64Array): Step<Float64Array> {
  const { max } = yield { add: countsTree(scope, [0]), max: values }
  return max
}

/** A number in [0, 1), determined by seed and counter. */
const uniform = (seed: number, n: number): number => mix(seed ^ mix(n + 1)) / 2 ** 32

/** Places `count` points along intervals: for each interval the number of its first point, and how far in each point lies. */
function pointsAlong(
  intervals: readonly { readonly length: number }[],
  count: number,
  seed: number
) {
  const total = intervals.reduce((sum, { length }) => sum + length, 0)
  let next = 0
  let before = 0
  return intervals.map(({ length }, i) => {
    const first = next
    const distances: number[] = []
    const isLast = i === intervals.length - 1
    for (; next < count; next++) {
      const distance = ((next + uniform(seed, next)) / count) * total - before
      if (distance >= length && !isLast) break
      distances.push(distance)
    }
    before += length
    return { first, distances }
  })
}

/**
 * All tiles if they are few; else a share of each tensor's tiles, spread over it. Each comes with the number of tiles that it stands for.
 */
export function sampledTiles({ tensors, tiles }: ScopeShape, seed: number) {
  const spread = (from: number, length: number, count: number) =>
    Array.from({ length: count }, (_, k) => {
      const first = Math.floor((k * length) / count)
      const weight = Math.floor(((k + 1) * length) / count) - first
      const index = from + first + Math.floor(uniform(seed, from + k) * weight)
      return { index, weight }
    })
  const spare = mostTiles - tensors.length
  if (tiles <= mostTiles || spare < 0) return spread(0, tiles, Math.min(tiles, mostTiles))
  return tensors.flatMap(({ tile, tiles: own }) =>
    spread(tile, own, Math.min(own, 1 + Math.floor((own * spare) / tiles)))
  )
}
