import type { Block, TangentColumns } from '../../stage/block.ts'
import { tileRows } from '../../stage/scope.ts'
import type { MemberState } from '../intake/member.ts'
import type { Timeline } from '../intake/timeline.ts'
import { columnStride } from '../planning/regions.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'

/** The first `length` entries of the timeline as one block per shard, each with that shard's addresses. */
export function blocksOf(
  { plan, place, here }: Shards,
  timeline: Timeline,
  members: readonly MemberState[],
  length: number
): Block[] {
  const entries = timeline.entries.slice(0, length)
  const marks = members.map((_, i) => timeline.marks(i, length).marks)
  const facts = members.map((_, i) => timeline.facts(i, length))
  const tangentsOf = (shard: Shard, member: number): TangentColumns[] =>
    Array.from({ length: plan.tangents[at(member)]! }, (_, index) => ({
      pointer: shard.tangent(member, index, place.slot),
      logs: entries.map((entry) => entry.marks[at(member)]?.tangents?.[index] ?? Number.NaN),
    }))
  const at = (member: number): number => plan.members.indexOf(member)
  const shared = {
    index: place.index,
    before: place.before,
    length,
    steps: entries.map((entry) => entry.step),
    epochs: entries.map((entry) => entry.epoch),
    ledger: (member: number) => members[at(member)]!,
  }
  return here.map((shard) => ({
    ...shared,
    of: (member: number) => ({
      pointer: shard.column(member, place.slot),
      stride: shard.stride,
      elementBytes: plan.elementBytes,
      marks: marks[at(member)]!,
      facts: facts[at(member)]!,
      separation: shard.address(`separation/${member}`),
      separated: members[at(member)]!.anchored && member > 0,
      tangents: tangentsOf(shard, member),
      ...(members[at(member)]!.closed ? { closed: 'non-finite' as const } : {}),
    }),
    ...weightsOf(shard, {
      high: shard.address('positions/high'),
      low: shard.address('positions/low'),
      weights: members[0]!.anchored ? shard.address('weights') : 0,
      x: shard.column(0, place.slot),
      stride: shard.stride,
      elementBytes: plan.elementBytes,
    }),
  }))
}

/** The same block on the null walk of a member. */
export function nullBlocks(
  blocks: readonly Block[],
  shards: readonly Shard[],
  member: number
): Block[] {
  return shards.map((shard, k) => {
    const block = blocks[k]!
    const rows = (shard.sampleTo - shard.sampleFrom) * tileRows
    const columns = {
      pointer: shard.address(`null/${member}/columns`),
      stride: columnStride(rows, 4),
      elementBytes: 4 as const,
      marks: block.of(member).marks,
      facts: block.of(member).facts,
      separation: 0,
      separated: false,
      tangents: [],
    }
    return {
      ...block,
      of: () => columns,
      ...weightsOf(shard, {
        high: shard.address(`null/${member}/high`),
        low: shard.address(`null/${member}/low`),
        weights: 0,
        x: columns.pointer,
        stride: columns.stride,
        elementBytes: columns.elementBytes,
      }),
    }
  })
}

/** Addresses of a member's columns and of its weights before the block. */
interface Place {
  readonly high: number
  readonly low: number
  readonly weights: number
  readonly x: number
  readonly stride: number
  readonly elementBytes: 4 | 8
}

function weightsOf(
  { kernels }: Shard,
  { high, low, weights, x, stride, elementBytes }: Place
): Pick<Block, 'positions' | 'weights' | 'weightsAfter'> {
  return {
    positions: { high, low },
    weights,
    weightsAfter(column, { tile, tiles }, out) {
      const row = tile * tileRows
      kernels.weights_after({
        high: high + 4 * row,
        low: low + 4 * row,
        weights: weights && weights + 4 * row,
        x: x + elementBytes * row,
        stride,
        count: column + 1,
        n: tiles * tileRows,
        elementBytes,
        out,
      })
    },
  }
}
