import { tileRows } from '../../stage/scope.ts'
import type { Timeline } from '../intake/timeline.ts'
import type { Shards } from '../shards/shards.ts'

/** A recorded step of a member, as a view of the run's memory. It is valid only while its block is being emitted: copy what you keep. */
export interface ColumnView {
  readonly member: number
  readonly step: number
  /**
   * For member 0 this is its delta; for another member, the difference from member 0's delta. Returns one array for each shard that
   * holds a part of the tensor. A sketch has no separate weights, so the list is then empty.
   */
  tensor(name: string): (Float32Array | Float64Array)[]
}

/** Views of the columns of the first `length` entries. Steps that a member did not send are left out. */
export function columnViews(shards: Shards, timeline: Timeline, length: number): ColumnView[] {
  const { plan } = shards
  return timeline.entries.slice(0, length).flatMap(({ step, marks }, e) => {
    const slot = shards.slotOf(e)
    return plan.members.flatMap((member, place) =>
      marks[place]?.present && marks[0]?.present
        ? [{ member, step, tensor: (name: string) => pieces(shards, member, slot, name) }]
        : []
    )
  })
}

function pieces(
  { plan, here }: Shards,
  member: number,
  slot: number,
  name: string
): (Float32Array | Float64Array)[] {
  const index = plan.open.tensors.findIndex((tensor) => tensor.name === name)
  const place = plan.layout.places.get(index)
  const tensor = plan.open.tensors[index]
  if (!place || !tensor || place.folded || tensor.fold) return []
  const start = place.row + place.offset
  const end = start + tensor.elements
  return here.flatMap((shard) => {
    const first = Math.max(start, shard.from * tileRows)
    const rows = Math.min(end, shard.to * tileRows) - first
    if (rows <= 0) return []
    const row = first - shard.from * tileRows
    const address = shard.column(member, slot) + row * plan.elementBytes
    const { arena } = shard
    return [plan.elementBytes === 8 ? arena.f64(address, rows) : arena.f32(address, rows)]
  })
}
