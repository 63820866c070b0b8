import { ThalwegError } from '../../error.ts'
import { kernelKind } from '../../kernels/arena.ts'
import type { Block } from '../block.ts'
import type { MemberState } from '../intake/member.ts'
import type { Timeline } from '../intake/timeline.ts'
import type { PlannedStage, RunPlan } from '../planning/plan.ts'
import { columnStride } from '../planning/regions.ts'
import { tileRows } from '../scope.ts'
import { drive, greatest, type Share } from '../shards/drive.ts'
import { Shard } from '../shards/shard.ts'
import type { Step } from '../stage.ts'
import { blocksOf, nullBlocks } from './blocks.ts'
import { type ScopeOutcome, StageRunner } from './instances.ts'
import { walkNull } from './null-walk.ts'

/** What a stage made of a block, scope by scope. */
export interface StageOutcomes {
  readonly stage: PlannedStage
  readonly outcomes: readonly ScopeOutcome[]
}

/** The shards and the stages at work on them: takes the timeline's columns block by block. */
export class Analysis {
  readonly plan: RunPlan
  readonly share: Share
  /** Those of this thread. */
  readonly shards: readonly Shard[]
  /** Plain data, saved as it is: blocks taken, recorded steps in them, first column slot of the current one. */
  readonly state = { blocks: 0, before: 0, slot: 0 }
  readonly #members: readonly MemberState[]
  readonly #timeline: Timeline
  readonly #runners: readonly StageRunner[]

  /** @throws E_MEMORY when the machine has no room for the shards, here or in another thread */
  constructor(plan: RunPlan, members: readonly MemberState[], timeline: Timeline, share: Share) {
    this.plan = plan
    this.share = share
    this.#members = members
    this.#timeline = timeline
    this.shards = shardsOf(plan, share)
    this.#runners = plan.stages.map((stage) => new StageRunner(stage, this.shards, share.allReduce))
  }

  /** Column slot of an entry of the timeline. */
  slotOf(entry: number): number {
    return (this.state.slot + entry) % this.plan.slots
  }

  /** Drives a step on every shard. */
  drive<Result>(step: (shard: Shard) => Step<Result>): Result {
    return drive(this.shards.map(step), this.share.allReduce)
  }

  /** Steps all stages over the first `length` entries: for good if `commit`, else as a peek. */
  advance(length: number, commit: boolean, report: boolean): StageOutcomes[] {
    this.#clearAbsent(length)
    const { plan, shards, state } = this
    const place = { index: state.blocks, before: state.before, slot: state.slot }
    const blocks = blocksOf(plan, shards, this.#timeline, this.#members, place, length)
    const nulls = new Map<number, Block[]>()
    for (const member of plan.nullMembers) {
      this.drive((shard) => walkNull(shard, plan, member, { ...place, length }, commit))
      nulls.set(member, nullBlocks(blocks, shards, member))
    }
    const results = new Map<string, StageOutcomes>()
    for (const runner of this.#runners) {
      const { id, on, member } = runner.stage
      const upstream = on === undefined ? undefined : results.get(on)?.outcomes
      const outcomes = runner.step(blocks, nulls.get(member), upstream, { commit, report })
      results.set(id, { stage: runner.stage, outcomes })
    }
    if (commit) this.#commit(length)
    return [...results.values()]
  }

  /** Zeroes the columns of steps that a member did not bring, or that member 0 did not. */
  #clearAbsent(length: number): void {
    this.#timeline.entries.slice(0, length).forEach((entry, e) => {
      this.#members.forEach(({ member }, place) => {
        if (entry.marks[place]?.present && entry.marks[0]?.present) return
        for (const shard of this.shards) {
          const bytes = shard.rows * this.plan.elementBytes
          shard.arena.u8(shard.column(member, this.slotOf(e)), bytes).fill(0)
        }
      })
    })
  }

  /** Moves positions, separations and the timeline past a block that all stages have taken. */
  #commit(length: number): void {
    const { plan, state } = this
    for (const shard of this.shards) {
      for (const member of plan.members) this.#moveMember(shard, member, length)
      for (const member of plan.nullMembers) moveNull(shard, member, length)
    }
    this.#timeline.advance(length)
    state.blocks++
    state.before += length
    state.slot = (state.slot + length) % plan.slots
  }

  #moveMember(shard: Shard, member: number, length: number): void {
    const { kernels, stride, rows } = shard
    const { elementBytes, separations } = this.plan
    const x = shard.column(member, this.state.slot)
    if (member === 0) {
      const high = shard.address('positions/high')
      const low = shard.address('positions/low')
      kernels.advance_positions(high, low, x, stride, length, rows, elementBytes)
    } else if (separations) {
      const separation = shard.address(`separation/${member}`)
      kernels.advance_separation(separation, x, stride, length, rows, elementBytes)
    }
  }
}

/** The shards of this thread. A thread has one even if there are fewer shards than threads: without a row. */
function shardsOf(plan: RunPlan, { shard: own, allReduce }: Share): Shard[] {
  const kind = kernelKind(plan.settings.mode)
  const numbers = own === undefined ? plan.edges.slice(1).map((_, k) => k) : [own]
  let shards: Shard[] = []
  try {
    shards = numbers.map((k) => new Shard(plan, k, kind))
  } catch (error) {
    // The engine refuses such a memory with an error of its own kind, whatever the runtime.
    if (!(error instanceof RangeError)) throw error
  }
  if (greatest(shards.length < numbers.length ? 1 : 0, allReduce) === 0) return shards
  throw new ThalwegError(
    'E_MEMORY',
    `run "${plan.open.run}": the machine does not give ${plan.bytes} bytes in ${plan.edges.length - 1} memories. Select fewer tensors, or take a machine with more memory.`
  )
}

function moveNull(shard: Shard, member: number, length: number): void {
  const rows = (shard.sampleTo - shard.sampleFrom) * tileRows
  const high = shard.address(`null/${member}/high`)
  const low = shard.address(`null/${member}/low`)
  const x = shard.address(`null/${member}/columns`)
  shard.kernels.advance_positions(high, low, x, columnStride(rows, 4), length, rows, 4)
}
