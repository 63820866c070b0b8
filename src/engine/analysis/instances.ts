import type { Block } from '../block.ts'
import { shardScope } from '../planning/layout.ts'
import type { PlannedScope, PlannedStage } from '../planning/plan.ts'
import { stageRegion } from '../planning/regions.ts'
import { type AllReduce, drive } from '../shards/drive.ts'
import type { Shard } from '../shards/shard.ts'
import type { Mode, Outcome, StageInstance } from '../stage.ts'

/** A stage at work on one scope: an instance in every shard, stepped in lockstep. */
class ScopeInstances {
  readonly #shards: readonly Shard[]
  readonly #instances: readonly StageInstance[]
  readonly #header: string
  readonly #headerBytes: number
  readonly #allReduce: AllReduce

  constructor(
    stage: PlannedStage,
    planned: PlannedScope,
    isNull: boolean,
    shards: readonly Shard[],
    allReduce: AllReduce
  ) {
    this.#shards = shards
    this.#allReduce = allReduce
    const { scope } = planned
    const regionOf = (id: string, part: 'header' | 'rows'): string =>
      stageRegion(id, scope.name, isNull, part)
    this.#header = regionOf(stage.id, 'header')
    this.#headerBytes = planned.plan.header
    this.#instances = shards.map((shard) =>
      stage.definition.start({
        options: stage.options,
        shape: planned.shape,
        scope: isNull
          ? shardScope(scope, shard.sampleFrom, shard.sampleTo)
          : shardScope(scope, shard.from, shard.to),
        arena: shard.arena,
        header: shard.address(this.#header),
        rows: shard.address(regionOf(stage.id, 'rows')),
        scratch: shard.address('scratch'),
        upstream:
          stage.on === undefined
            ? undefined
            : {
                header: shard.address(regionOf(stage.on, 'header')),
                rows: shard.address(regionOf(stage.on, 'rows')),
              },
      })
    )
  }

  /** Steps all shards; a peek leaves the headers as they were. */
  step(blocks: readonly Block[], mode: Mode): Outcome {
    const headers = this.#shards.map((shard) =>
      shard.arena.u8(shard.address(this.#header), this.#headerBytes)
    )
    const saved = mode.commit ? [] : headers.map((header) => header.slice())
    try {
      const steps = this.#instances.map((instance, k) => instance.step(blocks[k]!, mode))
      return drive(steps, this.#allReduce)
    } finally {
      for (const [k, bytes] of saved.entries()) headers[k]!.set(bytes)
    }
  }
}

/** What a stage made of one scope. */
export interface ScopeOutcome {
  readonly scope: string
  readonly outcome: Outcome
}

/** A stage on all its scopes, with its nulls. */
export class StageRunner {
  readonly stage: PlannedStage
  readonly #scopes: readonly {
    readonly own: ScopeInstances
    readonly null?: ScopeInstances
  }[]

  constructor(stage: PlannedStage, shards: readonly Shard[], allReduce: AllReduce) {
    this.stage = stage
    this.#scopes = stage.scopes.map((planned, i) => {
      const walk = stage.nulls[i]
      const own = new ScopeInstances(stage, planned, false, shards, allReduce)
      return walk
        ? { own, null: new ScopeInstances(stage, walk, true, shards, allReduce) }
        : { own }
    })
  }

  step(
    blocks: readonly Block[],
    nulls: readonly Block[] | undefined,
    upstream: readonly ScopeOutcome[] | undefined,
    mode: { readonly commit: boolean; readonly report: boolean }
  ): ScopeOutcome[] {
    return this.#scopes.map((scope, i) => {
      const { name } = this.stage.scopes[i]!.scope
      const nullOutcome = nulls && scope.null?.step(nulls, mode)
      const above = upstream?.find((entry) => entry.scope === name)?.outcome
      const outcome = scope.own.step(blocks, { ...mode, null: nullOutcome, upstream: above })
      return { scope: name, outcome }
    })
  }
}
