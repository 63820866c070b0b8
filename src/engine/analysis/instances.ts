import type { Block } from '../block.ts'
import { shardScope } from '../planning/layout.ts'
import type { PlannedScope, PlannedStage } from '../planning/plan.ts'
import { stageRegion } from '../planning/regions.ts'
import type { Shards } from '../shards/shards.ts'
import type { Mode, Outcome, StageInstance } from '../stage.ts'

/** A stage at work on one scope: an instance in every shard, stepped in lockstep. */
class ScopeInstances {
  readonly #shards: Shards
  readonly #instances: readonly StageInstance[]
  readonly #header: string
  readonly #headerBytes: number

  constructor(stage: PlannedStage, planned: PlannedScope, isNull: boolean, shards: Shards) {
    this.#shards = shards
    const { scope } = planned
    const regionOf = (id: string, part: 'header' | 'rows'): string =>
      stageRegion(id, scope.name, isNull, part)
    this.#header = regionOf(stage.id, 'header')
    this.#headerBytes = planned.plan.header
    this.#instances = shards.here.map((shard) =>
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
    const headers = this.#shards.here.map((shard) =>
      shard.arena.u8(shard.address(this.#header), this.#headerBytes)
    )
    const saved = mode.commit ? [] : headers.map((header) => header.slice())
    try {
      return this.#shards.drive((_, k) => this.#instances[k]!.step(blocks[k]!, mode))
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

  constructor(stage: PlannedStage, shards: Shards) {
    this.stage = stage
    this.#scopes = stage.scopes.map((planned, i) => {
      const walk = stage.nulls[i]
      const own = new ScopeInstances(stage, planned, false, shards)
      return walk ? { own, null: new ScopeInstances(stage, walk, true, shards) } : { own }
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
