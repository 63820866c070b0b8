import { ThalwegError } from '../error.ts'
import { regionBytes } from '../kernels/arena.ts'
import { throwErrors } from '../spec/problem.ts'
import type { OpenFrame } from '../wire/frame.ts'
import { settingsThatFit } from './fit.ts'
import {
  cutScopes,
  type Layout,
  layoutOf,
  type PlacedScope,
  type Sample,
  sampleOf,
  sampleScope,
} from './layout.ts'
import { type ParsedStage, parseStage } from './parse-stage.ts'
import { shardRegions } from './regions.ts'
import { ruleProblems } from './rules.ts'
import { type Selection, selectTensors } from './select.ts'
import type { Settings } from './settings.ts'
import type { Needs, Plan, PlanShape } from './stage.ts'

/** A stage's work on one scope: what it is given and how many bytes it takes. */
export interface PlannedScope {
  readonly scope: PlacedScope
  readonly shape: PlanShape
  readonly plan: Plan
}

export interface PlannedStage extends ParsedStage {
  readonly needs: Needs
  readonly scopes: readonly PlannedScope[]
  /** The same scopes on the null's sample, where the stage asks for a null and a tile of the scope was sampled. */
  readonly nulls: readonly (PlannedScope | undefined)[]
}

/** Everything that is decided when a run opens, before a byte of payload is copied. */
export interface RunPlan {
  readonly open: OpenFrame
  readonly settings: Settings
  readonly layout: Layout
  readonly unmatched: Selection['unmatched']
  readonly stages: readonly PlannedStage[]
  /** Members that some stage looks at; member 0 always. */
  readonly members: readonly number[]
  /** Members whose null some stage asks for, and the sample it walks on. */
  readonly nullMembers: readonly number[]
  readonly sample: Sample
  readonly separations: boolean
  /** Tangent vectors that stages read of each of `members`. */
  readonly tangents: readonly number[]
  /** Bytes of a column's element, and of an anchor's. */
  readonly elementBytes: 4 | 8
  readonly anchorBytes: 4 | 8
  /** Column slots of a member: a block, or two where members are paired. */
  readonly slots: number
  /** Tiles at which the rows are cut: shard k owns tiles [edges[k], edges[k + 1]). */
  readonly edges: readonly number[]
  /** Bytes of all shards' memories. */
  readonly bytes: number
}

/**
 * Plans a run.
 *
 * @throws E_SELECT when a selection is empty, E_CONFIG and E_RANK for stages that cannot work on this run, E_MEMORY when
 *   the plan does not fit `memory.max`
 */
export function planRun(open: OpenFrame, settings: Settings): RunPlan {
  const plan = planUnlimited(open, settings)
  const { max } = settings.memory
  if (plan.bytes > max) {
    const fits = settingsThatFit(open, settings).map((setting) => `\n  ${setting}`)
    throw new ThalwegError(
      'E_MEMORY',
      `run "${open.run}": ${plan.layout.rows} parameters need ${plan.bytes} bytes, "memory.max" is ${max}. ` +
        `These would fit:${fits.join('')}`
    )
  }
  return plan
}

/** The plan without its limit, for estimates. */
export function planUnlimited(open: OpenFrame, settings: Settings): RunPlan {
  const { indices, unmatched } = selectTensors(open.tensors, settings.select, 'select')
  const layout = layoutOf(open, indices)
  const sample = sampleOf(layout)
  const parsed = settings.stages.map((value, i) => {
    const path = ['stages', i]
    return { ...parseStage(value, settings.block, path), path }
  })
  throwErrors(
    [...parsed.flatMap((stage) => stage.problems), ...ruleProblems(settings, parsed)],
    `run "${open.run}"`
  )
  const drafts = parsed.map((stage) => ({
    ...stage,
    needs: stage.definition.needs?.(stage.options, open, stage.member) ?? {},
  }))
  const members = membersOf(open, drafts)
  const doubles = open.tensors.some((tensor) => tensor.dtype === 'f64')
  const elementBytes =
    drafts.some(({ needs }) => needs.double) || (doubles && members.length > 1) ? 8 : 4
  const stages = drafts.map((draft, i) => {
    const shapeOf = (scope: PlacedScope, bytes: 4 | 8): PlannedScope => {
      const shape = {
        open,
        scope,
        member: draft.member,
        block: settings.block,
        elementBytes: bytes,
      }
      return { scope, shape, plan: draft.definition.plan(shape, draft.options) }
    }
    const scopes = cutScopes(layout, {
      per: draft.per,
      select: draft.select,
      groups: settings.groups,
      smallest: draft.definition.smallest?.(draft.options, settings.block) ?? 0,
      path: `stages[${i}]`,
    }).map((scope) => shapeOf(scope, elementBytes))
    const nulls = scopes.map(({ scope }) => {
      const sampled = draft.needs.null ? sampleScope(scope, sample.layout) : undefined
      return sampled && shapeOf(sampled, 4)
    })
    return { ...draft, scopes, nulls }
  })
  const shards = Math.max(1, Math.min(settings.shards, layout.tiles))
  const plan: RunPlan = {
    open,
    settings,
    layout,
    unmatched,
    stages,
    members,
    nullMembers: members.filter((m) =>
      drafts.some((draft) => draft.needs.null && draft.member === m)
    ),
    sample,
    tangents: members.map((m) =>
      drafts.reduce(
        (n, { member, needs }) => (member === m ? Math.max(n, needs.tangents ?? 0) : n),
        0
      )
    ),
    separations: drafts.some(({ needs }) => needs.separations),
    elementBytes,
    anchorBytes: doubles ? 8 : 4,
    slots: members.length > 1 ? 2 * settings.block : settings.block,
    edges: Array.from({ length: shards + 1 }, (_, k) => Math.floor((k * layout.tiles) / shards)),
    bytes: 0,
  }
  return { ...plan, bytes: bytesOf(plan) }
}

function bytesOf(plan: RunPlan): number {
  let bytes = 0
  for (let k = 0; k + 1 < plan.edges.length; k++) {
    for (const region of shardRegions(plan, plan.edges[k]!, plan.edges[k + 1]!))
      bytes += regionBytes(region.bytes)
  }
  return bytes
}

function membersOf(
  open: OpenFrame,
  drafts: readonly { id: string; member: number; needs: Needs }[]
): number[] {
  const looked = new Set([0])
  for (const { id, member, needs } of drafts) {
    for (const m of needs.members ?? [member]) {
      if (m >= open.members) {
        throw new ThalwegError(
          'E_CONFIG',
          `stage ${id}: member ${m} does not exist, run "${open.run}" has ${open.members}. Choose a member below ${open.members}.`
        )
      }
      looked.add(m)
    }
  }
  return [...looked].sort((a, b) => a - b)
}
