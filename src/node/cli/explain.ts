import { open as openFile } from 'node:fs/promises'
import { planUnlimited, type RunPlan } from '../../engine/planning/plan.ts'
import { shardRegions } from '../../engine/planning/regions.ts'
import type { Look } from '../../engine/settings/fields.ts'
import type { Settings } from '../../engine/settings/settings.ts'
import { ThalwegError } from '../../error.ts'
import { regionBytes } from '../../kernels/arena.ts'
import type { Work } from '../../stage/define.ts'
import { counted, grouped } from '../../stage/words.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { FrameReader } from '../../wire/reader.ts'
import { columns } from '../text.ts'

/** The memory and work that a run takes, computed by formula. */
export interface Explanation {
  readonly parameters: number
  /** Number of rows in memory: one per weight, or those of a sketch. */
  readonly rows: number
  readonly tensors: number
  readonly members: number
  /** Bytes by purpose, and the limit on their sum. */
  readonly memory: readonly { readonly part: string; readonly bytes: number }[]
  readonly bytes: number
  readonly limit: number
  /**
   * Work of each stage per recorded step, including its nulls. Work of looks is included in proportion if looks are counted in
   * steps.
   */
  readonly cost: readonly StageWork[]
  /** Work of each look at whole tensors, and when it happens. */
  readonly looks: readonly (StageWork & Look)[]
}

interface StageWork extends Work {
  readonly stage: string
}

/** The first frame of a recorded stream. @throws E_INPUT, or the error in the frame */
export async function openOf(path: string): Promise<OpenFrame> {
  const file = await openFile(path).catch((cause: Error) => {
    throw new ThalwegError('E_INPUT', `file "${path}" cannot be read: ${cause.message}.`, { cause })
  })
  try {
    const reader = new FrameReader()
    for await (const chunk of file.createReadStream()) {
      reader.push(chunk as Uint8Array)
      const frame = reader.next()
      if (frame?.kind === 'open') return frame
    }
    throw new ThalwegError('E_INPUT', `file "${path}" ends before its "open" does.`)
  } finally {
    await file.close()
  }
}

/** An `open` frame for a run with this many parameters in one tensor, which is as nearly square as possible. */
export function openOfSize(parameters: number, members: number): OpenFrame {
  let side = Math.floor(Math.sqrt(parameters))
  while (parameters % side !== 0) side--
  const shape = [parameters / side, side]
  const tensor = { name: 'all', shape, dtype: 'f32', elements: parameters } as const
  return {
    kind: 'open',
    offset: 0,
    bytes: 0,
    version: 1,
    run: `${parameters} parameters`,
    tensors: [tensor],
    members,
    coupled: false,
    meta: {},
  }
}

/** @throws E_SELECT, E_CONFIG, E_RANK if the stages cannot work on such a run; its size is never an error */
export function explain(open: OpenFrame, settings: Settings): Explanation {
  const plan = planUnlimited(open, settings)
  return {
    parameters: plan.parameters,
    rows: plan.layout.rows,
    tensors: plan.tensors,
    members: plan.members.length,
    memory: memoryOf(plan),
    bytes: plan.bytes,
    limit: settings.memory.max,
    cost: costOf(plan),
    looks: looksOf(plan),
  }
}

/** The regions of all shards, added up by the first part of their names. */
function memoryOf(plan: RunPlan): Explanation['memory'] {
  const parts = new Map<string, number>()
  for (let k = 0; k + 1 < plan.edges.length; k++) {
    for (const { name, bytes } of shardRegions(plan, k)) {
      const part = name.split('/')[0]!
      parts.set(part, (parts.get(part) ?? 0) + regionBytes(bytes))
    }
  }
  return [...parts].map(([part, bytes]) => ({ part, bytes }))
}

function costOf(plan: RunPlan): Explanation['cost'] {
  const { parameters } = plan
  const looks = looksOf(plan)
  const folding = { stage: 'folding', flops: parameters, bytes: 4 * parameters }
  const stages = plan.stages.map(({ id, definition, options, scopes, nulls }) => {
    let flops = 0
    let bytes = 0
    for (const planned of [...scopes, ...nulls]) {
      if (planned === undefined) continue
      const cost = definition.cost?.(planned.shape, options)
      flops += (cost?.flops ?? 0) * planned.scope.rows
      bytes += (cost?.bytes ?? 0) * planned.scope.rows
    }
    const own = looks.find(({ stage }) => stage === id)
    if (own?.of !== 'steps') return { stage: id, flops, bytes }
    // A recorded step may add up several of the trainer's steps.
    const share = Math.min(1, plan.settings.select.every / own.every)
    return { stage: id, flops: flops + own.flops * share, bytes: bytes + own.bytes * share }
  })
  return plan.folded ? [folding, ...stages] : stages
}

function looksOf({ stages }: RunPlan): Explanation['looks'] {
  return stages.flatMap(({ id, look, definition, options, scopes }) => {
    if (!look) return []
    const works = scopes.map(({ shape }) => definition.costOfLook?.(shape, options))
    const sum = (name: keyof Work): number =>
      works.reduce((total, work) => total + (work?.[name] ?? 0), 0)
    return [{ stage: id, flops: sum('flops'), bytes: sum('bytes'), ...look }]
  })
}

export function explanationText({
  parameters,
  rows,
  tensors,
  members,
  memory,
  bytes,
  limit,
  cost,
  looks,
}: Explanation): string {
  const fits = bytes <= limit ? 'fits' : 'does not fit'
  const folded = rows < parameters ? `, folded to a sketch of ${grouped(rows)} rows` : ''
  return `${counted(parameters, 'parameter')} in ${counted(tensors, 'tensor')}, ${counted(members, 'member')}${folded}

${columns([
  ['memory', 'bytes'],
  ...memory.map((row) => [row.part, grouped(row.bytes)]),
  ['in all', grouped(bytes)],
])}
  ${fits} "memory.max", ${grouped(limit)}

${columns([
  ['work per recorded step', 'flops', 'bytes moved'],
  ...cost.map((row) => [row.stage, grouped(row.flops), grouped(row.bytes)]),
])}
${looks.length > 0 ? looksText(looks) : ''}`
}

function looksText(looks: Explanation['looks']): string {
  const rows = looks.map(({ stage, flops, bytes, every, of }) => [
    stage,
    grouped(flops),
    grouped(bytes),
    every === 1 ? `at every ${of.slice(0, -1)}` : `once in ${grouped(every)} ${of}`,
  ])
  return `
${columns([['work per look', 'flops', 'bytes moved', 'when'], ...rows])}
`
}
