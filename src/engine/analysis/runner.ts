import { ThalwegError } from '../../error.ts'
import type { Block } from '../../stage/block.ts'
import type { AnyInstance, AnyMode, AnyOutcome } from '../../stage/define.ts'
import { shardScope } from '../planning/layout.ts'
import type { PlannedScope, PlannedStage } from '../planning/plan.ts'
import { stageRegion } from '../planning/regions.ts'
import type { Shards } from '../shards/shards.ts'

/** The outcome of a stage on one scope. */
export interface ScopeOutcome {
  readonly scope: string
  readonly outcome: AnyOutcome
}

/** Runs a stage on all its scopes and on their nulls. */
export interface StageRunner {
  readonly stage: PlannedStage
  readonly scopes: readonly { readonly own: Instances; readonly null?: Instances }[]
  step(
    blocks: readonly Block[],
    nulls: readonly Block[] | undefined,
    mode: Omit<AnyMode, 'null'>
  ): ScopeOutcome[]
}

/** @param earlier the runners of the stages before this one, which it may read */
export function stageRunner(
  stage: PlannedStage,
  shards: Shards,
  earlier: readonly StageRunner[]
): StageRunner {
  const make = (planned: PlannedScope, i: number, walk: 'own' | 'null'): Instances => {
    const sources = Object.entries(stage.sources).map(([port, id]): [string, Instances] => {
      const source = earlier.find((runner) => runner.stage.id === id)!
      return [port, source.scopes[i]![walk]!]
    })
    return new Instances(stage, planned, walk === 'null', shards, sources)
  }
  const scopes = stage.scopes.map((planned, i) => {
    const walk = stage.nulls[i]
    const own = make(planned, i, 'own')
    return walk ? { own, null: make(walk, i, 'null') } : { own }
  })
  return {
    stage,
    scopes,
    step: (blocks, nulls, mode) => {
      if (stage.needs.weights) expectAnchor(stage, blocks[0]!)
      return scopes.map((scope, i) => {
        const walked = nulls && scope.null?.step(nulls, mode)
        const outcome = scope.own.step(blocks, { ...mode, null: walked?.values })
        return { scope: stage.scopes[i]!.scope.name, outcome }
      })
    },
  }
}

/** @throws E_ANCHOR if a stage needs absolute weights and the block has none */
function expectAnchor({ id }: PlannedStage, { weights, steps }: Block): void {
  if (weights !== 0 || steps.length === 0) return
  throw new ThalwegError(
    'E_ANCHOR',
    `stage ${id}: no anchor has come by step ${steps.at(-1)}, and it needs the weights themselves. Send an anchor before the first delta, or leave the stage out.`
  )
}

/** One stage on one scope: one instance per shard, all stepped in lockstep. */
class Instances {
  readonly #stage: PlannedStage
  readonly #scope: string
  readonly #shards: Shards
  readonly #instances: readonly AnyInstance[]
  readonly #header: string
  readonly #headerBytes: number

  /** @param sources for each port that the stage reads, the instances that offer it */
  constructor(
    stage: PlannedStage,
    planned: PlannedScope,
    isNull: boolean,
    shards: Shards,
    sources: readonly [port: string, Instances][]
  ) {
    const { scope } = planned
    const regionOf = (part: 'header' | 'rows'): string =>
      stageRegion(stage.id, scope.name, isNull, part)
    this.#stage = stage
    this.#scope = scope.name
    this.#shards = shards
    this.#header = regionOf('header')
    this.#headerBytes = planned.plan.header
    this.#instances = shards.here.map((shard, k) =>
      stage.definition.start({
        options: stage.options,
        shape: planned.shape,
        scope: isNull
          ? shardScope(scope, shard.sampleFrom, shard.sampleTo)
          : shardScope(scope, shard.from, shard.to),
        arena: shard.arena,
        header: shard.address(this.#header),
        rows: shard.address(regionOf('rows')),
        scratch: shard.address('scratch'),
        ports: Object.fromEntries(
          sources.map(([port, source]) => [port, source.#instances[k]!.ports[port]])
        ),
      })
    )
  }

  /** Steps all shards. A peek leaves the headers unchanged. */
  step(blocks: readonly Block[], mode: AnyMode): AnyOutcome {
    const headers = this.#shards.here.map((shard) =>
      shard.arena.u8(shard.address(this.#header), this.#headerBytes)
    )
    const saved = mode.commit ? [] : headers.map((header) => header.slice())
    try {
      return this.#shards.drive(
        (_, k) => this.#instances[k]!.step(blocks[k]!, mode),
        () => this.#where(blocks[0]!)
      )
    } finally {
      for (const [k, bytes] of saved.entries()) headers[k]!.set(bytes)
    }
  }

  #where({ steps }: Block): string {
    const { id, definition } = this.#stage
    const step = steps.length > 0 ? ` at step ${steps.at(-1)}` : ''
    return `stage ${id} on ${this.#scope}, ${definition.faults ?? 'rows that went wrong'}${step}`
  }
}
