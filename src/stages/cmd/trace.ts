import {
  type Arena,
  type Block,
  countsTree,
  type Factor,
  type Scope,
  type Step,
  tileRows,
} from '../../stage/index.ts'
import type { CmdInstance } from './instance.ts'
import type { Place } from './sample.ts'
import { openTile, tileBytes } from './state.ts'

/** What the shards know together of values that each knows in part: lists of the same lengths. */
export function* gather<Parts extends readonly Float64Array[]>(
  scope: Scope,
  ...parts: Parts
): Step<{ [part in keyof Parts]: Float64Array }> {
  const { max } = yield { add: countsTree(scope, [0]), max: joined(...parts) }
  let next = 0
  return parts.map(({ length }) => {
    next += length
    return max.subarray(next - length, next)
  }) as { [part in keyof Parts]: Float64Array }
}

/** All parts one after another. */
export function joined(...parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}

/**
 * Positions of single weights after the given columns, and their first weights (0 where none are known): for each place
 * `sampled.length + 1` values.
 */
export function trace(
  { arena, scope }: Pick<CmdInstance, 'arena' | 'scope'>,
  block: Block,
  sampled: readonly number[],
  places: readonly Place[]
): Float64Array {
  const read = reader(arena)
  const { pointer, stride, elementBytes } = block.of(0)
  return valuesAt(scope, places, sampled.length + 1, ({ tile, row }) => {
    const segment = scope.segments.find(({ index, tiles }) => tile < index + tiles)!
    const at = (segment.tile + tile - segment.index) * tileRows + row
    let position = read(block.positions.high, 4, at) + read(block.positions.low, 4, at)
    let column = 0
    const track = sampled.map((last) => {
      for (; column <= last; column++) position += read(pointer + column * stride, elementBytes, at)
      return position
    })
    return [...track, block.weights === 0 ? 0 : read(block.weights, 4, at)]
  })
}

/** Rows of B at some places. */
export function traceFactor(
  { arena, scope }: CmdInstance,
  { pointer, storageBytes, room, kept: columns }: Factor,
  places: readonly Place[]
): Float64Array {
  const read = reader(arena)
  return valuesAt(scope, places, columns, ({ tile, row }) => {
    const first = (tile - scope.from) * room * tileRows + row
    return Array.from({ length: columns }, (_, i) =>
      read(pointer, storageBytes, first + i * tileRows)
    )
  })
}

/** E and mean at some places. */
export function traceMoments(
  { arena, scope, rows, options }: CmdInstance,
  places: readonly Place[]
): Float64Array {
  const { modes } = options
  return valuesAt(scope, places, 2, ({ tile, row }) => {
    const { energy, mean } = openTile(
      arena.buffer,
      rows + (tile - scope.from) * tileBytes(modes),
      modes
    )
    return [energy[row]!, mean[row]!]
  })
}

/** `width` values for each place; -Infinity where it lies in another shard, so that `max` over the shards has all. */
function valuesAt(
  { from, to }: Scope,
  places: readonly Place[],
  width: number,
  read: (place: Place) => readonly number[]
): Float64Array {
  const values = new Float64Array(places.length * width).fill(-Infinity)
  places.forEach((place, n) => {
    if (place.tile >= from && place.tile < to) values.set(read(place), n * width)
  })
  return values
}

/** Reads the n-th element, of 4 or 8 bytes, after an address. */
function reader({ buffer }: Arena): (address: number, elementBytes: 4 | 8, n: number) => number {
  const memory = new DataView(buffer)
  return (address, elementBytes, n) =>
    elementBytes === 8
      ? memory.getFloat64(address + 8 * n, true)
      : memory.getFloat32(address + 4 * n, true)
}
