import {
  type Block,
  type Factor,
  type Step,
  scalesBefore,
  sumsBytes,
  TileSums,
  turnOf,
  unturned,
} from '../../../stage/index.ts'
import { koopmanKernels } from '../kernels.gen.ts'
import type { KoopmanContext, KoopmanOptions, KoopmanShape } from '../spec.ts'
import { along, originOf, type Positions } from './positions.ts'

/** Bytes of a column in the kernel's panel, `PITCH` of `assembly/lib/panel.ts`. */
const panelColumn = 512

/**
 * Whether positions are projected anew in each block. A single run that is followed from its start does not need this, nor does the null.
 */
export const projects = ({ pool, intercept }: KoopmanOptions, { isNull }: KoopmanShape): boolean =>
  (pool || !intercept) && !isNull

/** Number of projected vectors: member 0's position in two parts, w0, and the separation and columns of each other member. */
const mostVectors = (members: number, block: number): number => 3 + (members - 1) * (1 + block)

/** Scratch bytes. */
export function projectionBytes(tiles: number, columns: number, members: number, block: number) {
  const vectors = mostVectors(members, block)
  return 8 * vectors + 16 + panelColumn * (columns + 1) + sumsBytes(tiles, 1 + columns * vectors)
}

/** Positions of member 0 alone along the directions of an svd, from the Gram matrices of the svd: nothing of the model's size is read. */
export function followed(
  { ports }: KoopmanContext,
  position: Float64Array,
  block: Block
): Positions {
  const result = ports.gram!.last
  if (!result)
    return { turn: undefined, starts: [undefined], columns: [block.steps.map(() => undefined)] }
  const turn = turnOf(result, block.length, position.length)
  const start = new Float64Array(position.length)
  for (let i = 0; i < turn.to; i++) {
    for (let j = 0; j < turn.from; j++)
      start[i]! += turn.rotation[i * turn.from + j]! * position[j]!
  }
  const { marks } = block.of(0)
  const columns = along(start, turn.increments, (j) => marks[j]!.present)
  return { turn, starts: [start], columns: [columns] }
}

/**
 * Positions of all members, by products of the factor and the rows: needed for absolute weights, and for members other than the one that is
 * decomposed. A peek has the factor of the last full block, and uses its directions.
 */
export function* projected(
  context: KoopmanContext,
  members: readonly number[],
  size: number,
  block: Block,
  commit: boolean
): Step<Positions> {
  const { ports, options } = context
  const result = ports.gram!.last
  const nothing = members.map(() => block.steps.map(() => undefined))
  if (!result) return { turn: undefined, starts: [], columns: nothing }
  const turn = commit ? turnOf(result, block.length, size) : unturned(result, block.length, size)
  // A peek into the first block: there are no directions yet.
  if (turn.to === 0) return { turn: undefined, starts: [], columns: nothing }
  const origin = originOf(block, !options.intercept)
  const products = yield* project(context, ports.factor!, members, block, origin)
  const scales = commit ? result.scales : scalesBefore(result)
  const along0 = (vector: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) =>
      i < turn.to && scales[i]! > 0 ? products(vector, i) / scales[i]! : 0
    )
  const added = (...parts: Float64Array[]): Float64Array => {
    const sum = new Float64Array(size)
    for (const part of parts) for (let i = 0; i < size; i++) sum[i]! += part[i]!
    return sum
  }
  const zero = added(along0(0), along0(1), ...(origin > 0 ? [along0(2)] : []))
  const steps = turn.increments.map((increment) => {
    const padded = new Float64Array(size)
    padded.set(increment)
    return padded
  })
  const first = origin > 0 ? 3 : 2
  const perMember = 1 + block.length
  const starts: (Float64Array | undefined)[] = []
  const columns = members.map((member, m) => {
    const { marks, separated } = block.of(member)
    const at = first + (m - 1) * perMember
    const start = m === 0 ? zero : added(zero, along0(at))
    const known = (j: number): boolean =>
      (m === 0 || separated) && marks[j]!.present && marks[j]!.sure
    starts.push(m === 0 || separated ? start : undefined)
    const increments = steps.map((step, j) => (m === 0 ? step : added(step, along0(at + 1 + j))))
    return along(start, increments, known)
  })
  return { turn, starts, columns }
}

/** Products of the factor's columns with all vectors, summed over all shards. */
function* project(
  { arena, scope, scratch }: KoopmanContext,
  { pointer, storageBytes, room, kept: inUse }: Factor,
  members: readonly number[],
  block: Block,
  origin: number
): Step<(vector: number, direction: number) => number> {
  const kept = Math.ceil(inUse / 4) * 4
  const vectors: [address: number, bytes: number][] = [
    [block.positions.high, 4],
    [block.positions.low, 4],
  ]
  if (origin > 0) vectors.push([origin, 4])
  for (const member of members.slice(1)) {
    const { separation, pointer, stride, elementBytes } = block.of(member)
    vectors.push([separation, 8])
    for (let j = 0; j < block.length; j++) vectors.push([pointer + j * stride, elementBytes])
  }
  const table = arena.u32(scratch, 2 * vectors.length)
  table.set(vectors.flat())
  const panel = scratch + Math.ceil(table.byteLength / 16) * 16
  const stack = panel + panelColumn * (kept + 1)
  const sums = new TileSums(arena, stack, scope, 1 + kept * vectors.length)
  const kernels = arena.kernels(koopmanKernels)
  for (const { tile, tiles, index } of scope.segments) {
    sums.depth = kernels.koopman_project({
      b: pointer,
      storageBytes,
      room,
      kept,
      table: scratch,
      vectors: vectors.length,
      own: index - scope.from,
      tile,
      tiles,
      panel,
      index,
      sums,
    })
  }
  const { add } = yield { add: sums.partial(scope.to) }
  return (vector, direction) => add[1 + vector * kept + direction]!
}
