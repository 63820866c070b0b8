import { arenaLimit, regionBytes } from '../../kernels/arena.ts'
import type { Plan, PlanShape } from '../../stage/define.ts'
import type { Ports } from '../../stage/ports/port.ts'
import { type OpenFrame, weightsOf } from '../../wire/frame.ts'
import { type Settings, sketchingOfAll } from '../settings/settings.ts'
import { type Draft, draftsOf } from './drafts.ts'
import { foldedLayout } from './fold.ts'
import { isSample } from './folded.ts'
import {
  layoutOf,
  type PlacedScope,
  type RunLayout,
  type Sample,
  sampleOf,
  sampleScopes,
} from './layout.ts'
import { packedLayout, scopesIn } from './parts.ts'
import { shardRegions } from './regions.ts'
import { type EmptyGroup, scopesOf } from './scopes.ts'
import { type Selection, selectTensors } from './select.ts'

/** A stage's work on one scope: its shape and how many bytes it takes. */
export interface PlannedScope {
  readonly scope: PlacedScope
  readonly shape: PlanShape<Ports>
  readonly plan: Plan
}

export interface PlannedStage extends Draft {
  readonly scopes: readonly PlannedScope[]
  /** The same scopes on the null's sample. Undefined for a scope of which no tile was sampled; empty if the stage asks for no null. */
  readonly nulls: readonly (PlannedScope | undefined)[]
}

/** Everything that is decided when a run opens, before a byte of payload is copied. */
export interface RunPlan {
  readonly open: OpenFrame
  readonly settings: Settings
  readonly layout: RunLayout
  /** Number of selected tensors, and of the weights that they hold or sketch. */
  readonly tensors: number
  readonly parameters: number
  /** Whether rows are sums of elements, that is, whether this run makes a sketch. */
  readonly folded: boolean
  readonly unmatched: Selection['unmatched']
  /** Groups that are empty for a stage, because it looks at none of their tensors. */
  readonly emptyGroups: readonly EmptyGroup[]
  readonly stages: readonly PlannedStage[]
  /** Members that some stage looks at. Member 0 is always among them. */
  readonly members: readonly number[]
  /** Members for which some stage asks for a null. It walks on `sample`. */
  readonly nullMembers: readonly number[]
  /** Members for which some stage asks for statistics. They are measured on the same sample. */
  readonly measuredMembers: readonly number[]
  readonly sample: Sample
  readonly separations: boolean
  /** For each of `members`, the number of tangent vectors that stages read. */
  readonly tangents: readonly number[]
  /** Bytes of an element in a column, and in an anchor. */
  readonly elementBytes: 4 | 8
  readonly anchorBytes: 4 | 8
  /** Half a unit in the last place of the widest weights in the stream. */
  readonly unit: number
  /** Column slots of a member: one block, or two blocks if members are paired. */
  readonly slots: number
  /** Tiles at which the rows are cut: shard k owns tiles [edges[k], edges[k + 1]). */
  readonly edges: readonly number[]
  /** Bytes of each shard's memory, and their sum. */
  readonly memories: readonly number[]
  readonly bytes: number
}

/** Whether all memories together, and each by itself, are within their limits. */
export function fits({ bytes, memories }: RunPlan, { memory }: Settings): boolean {
  return bytes <= memory.max && memories.every((own) => own <= arenaLimit)
}

/** The plan without the memory limit, for estimates. If the stages allow it, a plan above the limit is replaced by a sketch. */
export function planUnlimited(open: OpenFrame, settings: Settings): RunPlan {
  const { indices, unmatched } = selectTensors(open.tensors, settings.select, 'select')
  const drafts = draftsOf(open, settings)
  const layout = layoutOf(open, indices)
  const { scopes, emptyGroups } = scopesOf(open, settings, drafts, layout)
  const ground = { open, settings, drafts, unmatched, emptyGroups }
  const sketching = sketchingOfAll(settings.stages)
  // Positions, weights, an anchor and columns take at least four bytes each per row.
  const least = layout.rows * (16 + 4 * settings.block)
  if (sketching === 'never' || (sketching !== 'always' && least <= settings.memory.max)) {
    const packed = wholeTensors(drafts) ? undefined : packedLayout(open, indices, scopes.flat())
    const plan = planOn({
      ...ground,
      layout: packed ?? layout,
      scopes: packed ? scopes.map((own) => scopesIn(own, packed)) : scopes,
    })
    if (sketching === 'never' || plan.bytes <= settings.memory.max) return plan
  }
  const folded = foldedLayout(open, indices, scopes.flat())
  const parts = scopes.map((own) => scopesIn(own, folded))
  return planOn({ ...ground, layout: folded, scopes: parts })
}

/** What the sources of a stage declare beforehand about the ports that it reads. */
function factsOf(draft: Draft, drafts: readonly Draft[], block: number): PlanShape<Ports>['facts'] {
  return Object.fromEntries(
    Object.entries(draft.sources).map(([port, id]) => {
      const { definition, options } = drafts.find((other) => other.id === id)!
      return [port, definition.offers!(options, block)[port]]
    })
  )
}

/** The ports of a stage that other stages read. */
function readOf({ id }: Draft, drafts: readonly Draft[]): string[] {
  const read = drafts.flatMap(({ sources }) => Object.entries(sources))
  return [...new Set(read.filter(([, source]) => source === id).map(([port]) => port))]
}

interface Ground {
  readonly open: OpenFrame
  readonly settings: Settings
  readonly drafts: readonly Draft[]
  readonly unmatched: Selection['unmatched']
  readonly emptyGroups: readonly EmptyGroup[]
  readonly layout: RunLayout
  /** The scopes of each draft. */
  readonly scopes: readonly (readonly PlacedScope[])[]
}

function planOn(ground: Ground): RunPlan {
  const { open, settings, drafts, unmatched, emptyGroups, layout, scopes } = ground
  const members = [...new Set([0, ...drafts.flatMap(({ members: own }) => own)])].sort(
    (a, b) => a - b
  )
  const { places } = layout
  const folded = [...places.values()].some((place) => place.folded)
  const doubles = open.tensors.some((tensor) => tensor.dtype === 'f64')
  const wide = folded || drafts.some(({ needs }) => needs.double)
  const elementBytes = wide || (doubles && members.length > 1) ? 8 : 4
  const sample = sampleOf(layout)
  const stages = drafts.map((draft, i) => {
    const facts = factsOf(draft, drafts, settings.block)
    const read = readOf(draft, drafts)
    const shapeOf = (scope: PlacedScope, bytes: 4 | 8, isNull: boolean): PlannedScope => {
      const { member, definition, options } = draft
      const shape: PlanShape<Ports> = {
        open,
        scope,
        member,
        block: settings.block,
        elementBytes: bytes,
        isNull,
        facts,
        sources: draft.sources,
        read,
      }
      return { scope, shape, plan: definition.plan(shape, options) }
    }
    const own = scopes[i]!.map((scope) => shapeOf(scope, elementBytes, false))
    const sampled = draft.needs.null ? sampleScopes(scopes[i]!, sample.layout) : []
    const nulls = sampled.map((scope) => scope && shapeOf(scope, 4, true))
    return { ...draft, scopes: own, nulls }
  })
  const shards = Math.max(1, Math.min(settings.shards, layout.tiles))
  const plan: RunPlan = {
    open,
    settings,
    layout,
    tensors: places.size,
    parameters: parametersOf(open, [...places.keys()]),
    folded,
    unmatched,
    emptyGroups,
    stages,
    members,
    nullMembers: members.filter((m) =>
      drafts.some(({ needs, member }) => needs.null && member === m)
    ),
    measuredMembers: members.filter((m) =>
      drafts.some(({ needs, member }) => needs.statistics && member === m)
    ),
    sample,
    tangents: members.map((m) =>
      Math.max(0, ...drafts.map(({ member, needs }) => (member === m ? (needs.tangents ?? 0) : 0)))
    ),
    separations: drafts.some(({ needs }) => needs.separations),
    elementBytes,
    anchorBytes: folded || doubles ? 8 : 4,
    unit: doubles ? 2 ** -53 : 2 ** -24,
    slots: members.length > 1 ? 2 * settings.block : settings.block,
    edges: edgesOf(layout, shards, drafts),
    memories: [],
    bytes: 0,
  }
  const memories = plan.edges
    .slice(1)
    .map((_, k) => shardRegions(plan, k).reduce((sum, { bytes }) => sum + regionBytes(bytes), 0))
  return { ...plan, memories, bytes: memories.reduce((sum, own) => sum + own, 0) }
}

/** Whether some stage looks at whole tensors. These are then not packed with others. */
function wholeTensors(drafts: readonly Draft[]): boolean {
  return drafts.some(({ definition: { placement = 'rows' } }) => placement !== 'rows')
}

/** The number of weights in tensors. A sample is not counted beside the tensors it was taken from. */
function parametersOf(open: OpenFrame, indices: readonly number[]): number {
  const own = indices.filter((index) => !isSample(open, index))
  const counted = own.length > 0 ? own : indices
  return counted.reduce((sum, index) => sum + weightsOf(open.tensors[index]!), 0)
}

/**
 * Where the rows are cut: evenly, or at the nearest ends of tensors if a stage looks at whole tensors. Sums over tiles are the same
 * bits wherever the cuts are.
 */
function edgesOf(
  { tiles, tensors }: RunLayout,
  shards: number,
  drafts: readonly Draft[]
): number[] {
  const even = Array.from({ length: shards + 1 }, (_, k) => Math.floor((k * tiles) / shards))
  if (!wholeTensors(drafts)) return even
  const ends = [0, ...tensors.map((tensor) => tensor.tile + tensor.tiles)]
  return even.map((edge) =>
    ends.reduce((best, end) => (Math.abs(end - edge) < Math.abs(best - edge) ? end : best))
  )
}
