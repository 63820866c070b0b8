import type { Block } from '../../stage/block.ts'
import { tileRows } from '../../stage/scope.ts'
import type { Intake } from '../intake/intake.ts'
import type { MemberState } from '../intake/member.ts'
import type { Timeline } from '../intake/timeline.ts'
import type { PlannedStage } from '../planning/plan.ts'
import { columnStride } from '../planning/regions.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import { blocksOf, nullBlocks } from './blocks.ts'
import { looksOf } from './looks.ts'
import { walkNull } from './null-walk.ts'
import { type ScopeOutcome, type StageRunner, stageRunner } from './runner.ts'
import { measureSteps } from './statistics.ts'

/** The outcomes of a stage on a block, one per scope. */
export interface StageOutcomes {
  readonly stage: PlannedStage
  readonly outcomes: readonly ScopeOutcome[]
}

/** Runs all stages on the shards, block by block over the timeline's columns. */
export class Analysis {
  readonly #shards: Shards
  readonly #members: readonly MemberState[]
  readonly #timeline: Timeline
  readonly #runners: readonly StageRunner[]

  constructor(shards: Shards, { members, timeline }: Intake) {
    this.#shards = shards
    this.#members = members
    this.#timeline = timeline
    const runners: StageRunner[] = []
    for (const stage of shards.plan.stages) runners.push(stageRunner(stage, shards, runners))
    this.#runners = runners
  }

  /** Steps all stages over the first `length` entries. `commit` keeps the result; without it the step is a peek. */
  advance(length: number, commit: boolean, report: boolean): StageOutcomes[] {
    this.#clearAbsent(length)
    const shards = this.#shards
    const { plan, place } = shards
    const blocks = blocksOf(shards, this.#timeline, this.#members, length)
    const nulls = new Map<number, Block[]>()
    for (const member of plan.nullMembers) {
      shards.drive(
        (shard) => walkNull(shard, plan, member, { ...place, length }, commit),
        () => 'null walk'
      )
      nulls.set(member, nullBlocks(blocks, shards.here, member))
    }
    const statistics = new Map(
      plan.measuredMembers.map((member) => [
        member,
        shards.drive(
          (shard) => measureSteps(shard, plan, member, { ...place, length }, commit),
          () => 'statistics of steps'
        ),
      ])
    )
    const results = this.#runners.map(({ stage, step }) => {
      const { member, needs, look } = stage
      const looks = look ? looksOf(look, place, this.#timeline, this.#members[0]!, length) : []
      const measured = needs.statistics ? statistics.get(member) : undefined
      const mode = { commit, report, looks, statistics: measured }
      return { stage, outcomes: step(blocks, nulls.get(member), mode) }
    })
    if (commit) this.#commit(length)
    return results
  }

  /** Zeroes the columns of steps that this member or member 0 did not send. */
  #clearAbsent(length: number): void {
    this.#timeline.entries.slice(0, length).forEach((entry, e) => {
      this.#members.forEach(({ member }, place) => {
        if (entry.marks[place]?.present && entry.marks[0]?.present) return
        for (const shard of this.#shards.here) {
          const bytes = shard.rows * this.#shards.plan.elementBytes
          shard.arena.u8(shard.column(member, this.#shards.slotOf(e)), bytes).fill(0)
        }
      })
    })
  }

  /** Advances positions, separations and the timeline past a block that all stages have processed. */
  #commit(length: number): void {
    const { plan, here } = this.#shards
    for (const shard of here) {
      for (const member of plan.members) this.#moveMember(shard, member, length)
      for (const member of plan.nullMembers) moveNull(shard, member, length)
    }
    this.#shards.pass(this.#timeline.advance(length))
  }

  #moveMember(shard: Shard, member: number, length: number): void {
    const { kernels, stride, rows } = shard
    const { elementBytes, separations } = this.#shards.plan
    const x = shard.column(member, this.#shards.place.slot)
    if (member === 0) {
      const high = shard.address('positions/high')
      const low = shard.address('positions/low')
      kernels.advance_positions({ high, low, x, stride, count: length, n: rows, elementBytes })
    } else if (separations) {
      const separation = shard.address(`separation/${member}`)
      kernels.advance_separation({ separation, x, stride, count: length, n: rows, elementBytes })
    }
  }
}

function moveNull(shard: Shard, member: number, length: number): void {
  const rows = (shard.sampleTo - shard.sampleFrom) * tileRows
  const high = shard.address(`null/${member}/high`)
  const low = shard.address(`null/${member}/low`)
  const x = shard.address(`null/${member}/columns`)
  const stride = columnStride(rows, 4)
  shard.kernels.advance_positions({ high, low, x, stride, count: length, n: rows, elementBytes: 4 })
}
