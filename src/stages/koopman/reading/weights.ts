import { type Block, countsTree, type Step, tileRows } from '../../../stage/index.ts'
import type { KoopmanContext } from '../spec.ts'
import { along, originOf, type Positions } from './positions.ts'

/** Positions made of a scope's weights themselves. Only the shard that holds a weight knows it; a maximum over the shards shares it. */
export function* weightPositions(
  { arena, scope, shape, options }: KoopmanContext,
  members: readonly number[],
  block: Block
): Step<Positions> {
  const { length } = block
  if (length === 0) return { turn: undefined, starts: [], columns: members.map(() => []) }
  const size = scope.rows
  const origin = originOf(block, !options.intercept)
  const { high, low } = block.positions
  const columns = members.map((member) => block.of(member))
  const zero = block.of(shape.member)
  const memory = new DataView(arena.buffer)
  const element = (address: number, row: number, bytes: 4 | 8): number =>
    bytes === 8
      ? memory.getFloat64(address + 8 * row, true)
      : memory.getFloat32(address + 4 * row, true)
  const strip = (1 + length) * size
  const own = new Float64Array(members.length * strip).fill(-Infinity)
  for (const { row, place } of rowsOf(scope)) {
    let start = element(high, row, 4) + element(low, row, 4)
    if (origin > 0) start += element(origin, row, 4)
    const step = (m: number, j: number): number => {
      const { pointer, stride, elementBytes } = columns[m]!
      const difference = element(pointer + j * stride, row, elementBytes)
      if (members[m] === shape.member) return difference
      return difference + element(zero.pointer + j * zero.stride, row, zero.elementBytes)
    }
    members.forEach((member, m) => {
      const apart = member === shape.member ? 0 : element(columns[m]!.separation, row, 8)
      own[m * strip + place] = start + apart
      for (let j = 0; j < length; j++) own[m * strip + (1 + j) * size + place] = step(m, j)
    })
  }
  const { max } = yield { add: countsTree(scope, [0]), max: own }
  const at = (m: number, j: number): Float64Array =>
    max.subarray(m * strip + j * size, m * strip + (j + 1) * size)
  const isApart = (m: number): boolean => members[m] === shape.member || columns[m]!.separated
  return {
    turn: undefined,
    starts: members.map((_, m) => (isApart(m) ? at(m, 0) : undefined)),
    columns: members.map((_, m) => {
      const { marks } = columns[m]!
      const increments = Array.from({ length }, (_, j) => at(m, 1 + j))
      const known = (j: number): boolean => isApart(m) && marks[j]!.present && marks[j]!.sure
      return along(at(m, 0), increments, known)
    }),
  }
}

/** The rows of a shard's part of a scope: the place of each in the columns, and its number among the scope's rows. */
function* rowsOf({ segments, tensors }: KoopmanContext['scope']) {
  let first = 0
  for (const tensor of tensors) {
    for (const { tile, tiles, index } of segments) {
      const from = Math.max(index, tensor.tile)
      const to = Math.min(index + tiles, tensor.tile + tensor.tiles)
      for (let t = from; t < to; t++) {
        const before = (t - tensor.tile) * tileRows
        for (let i = 0; i < Math.min(tileRows, tensor.rows - before); i++) {
          yield { row: (tile + t - index) * tileRows + i, place: first + before + i }
        }
      }
    }
    first += tensor.rows
  }
}
