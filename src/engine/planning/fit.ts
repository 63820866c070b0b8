import { ThalwegError } from '../../error.ts'
import { arenaLimit } from '../../kernels/arena.ts'
import type { Fields } from '../../spec/fields.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { mostShards, type Settings, selectFields } from '../settings.ts'
import type { StageValue } from '../stage.ts'
import { parseStage, sketchingOf } from './parse-stage.ts'
import { fits as fitsPlan, planUnlimited, type RunPlan } from './plan.ts'
import { selectTensors } from './select.ts'

/**
 * Plans a run.
 *
 * @throws E_SELECT when a selection is empty, E_CONFIG and E_RANK for stages that cannot work on this run, E_MEMORY when
 *   the plan does not fit `memory.max` or a shard not its memory
 */
export function planRun(open: OpenFrame, settings: Settings): RunPlan {
  const plan = planUnlimited(open, settings)
  if (fitsPlan(plan, settings)) return plan
  const { max } = settings.memory
  const { length } = plan.memories
  const limit =
    plan.bytes > max
      ? `"memory.max" is ${max}`
      : `${length === 1 ? 'one memory holds' : `${length} memories hold`} ${length * arenaLimit}`
  const proposals = settingsThatFit(open, settings).map((setting) => `\n  ${setting}`)
  throw new ThalwegError(
    'E_MEMORY',
    `run "${open.run}": ${plan.parameters} parameters need ${plan.bytes} bytes, ${limit}. These would fit:${proposals.join('')}`
  )
}

/**
 * Two complete settings under which a run that is too large would fit, as JSON. In order of what they keep: the same over
 * more shards, all tensors with smaller stages, the same stages without the largest tensors, those that work on a sketch,
 * one alone, more memory.
 */
function settingsThatFit(open: OpenFrame, settings: Settings): string[] {
  const fits = (candidate: Settings): boolean => fitsPlan(planUnlimited(open, candidate), candidate)
  const found: string[] = []
  const single = settings.stages
    .filter(({ definition, options }) => definition.type !== 'health' && options.on === undefined)
    .map((stage) => ({ ...settings, stages: [stage] }))
  const candidates = [
    () => moreShards(open, settings, fits),
    () => smallerStages(settings, fits),
    () => fewerTensors(open, settings, fits),
    () => sketchedStages(settings, fits),
    ...(single.length > 1 ? single.map((alone) => () => smallerStages(alone, fits)) : []),
    () => moreMemory(open, settings),
  ]
  for (const candidate of candidates) {
    const setting = found.length < 2 ? candidate() : undefined
    if (setting !== undefined) found.push(setting)
  }
  return found
}

/** More names than these nobody reads, and a stream may bring tens of thousands. */
const mostExcluded = 32

function moreShards(
  open: OpenFrame,
  settings: Settings,
  fits: (candidate: Settings) => boolean
): string | undefined {
  const shards = enoughShards(open, settings)
  return shards > settings.shards && fits({ ...settings, shards })
    ? JSON.stringify({ shards })
    : undefined
}

function moreMemory(open: OpenFrame, settings: Settings): string {
  const shards = enoughShards(open, settings)
  const memory = { max: planUnlimited(open, { ...settings, shards }).bytes }
  return JSON.stringify(shards > settings.shards ? { memory, shards } : { memory })
}

/** Over how many shards the rows must be split at least, so that each has room in its memory. */
function enoughShards(open: OpenFrame, settings: Settings): number {
  let { shards } = settings
  for (;;) {
    const largest = Math.max(...planUnlimited(open, { ...settings, shards }).memories)
    if (largest <= arenaLimit || shards >= mostShards) return shards
    shards = Math.min(mostShards, Math.ceil((shards * largest) / arenaLimit))
  }
}

function smallerStages(
  settings: Settings,
  fits: (candidate: Settings) => boolean
): string | undefined {
  let { block, stages } = settings
  for (;;) {
    const shrunk = stages.map(shrink)
    if (block <= 4 && shrunk.every((stage, i) => stage === stages[i])) return undefined
    block = Math.max(4, Math.floor(block / 2))
    stages = shrunk
    if (fits({ ...settings, block, stages })) {
      return JSON.stringify({ block, stages: stages.map(written) })
    }
  }
}

function sketchedStages(
  settings: Settings,
  fits: (candidate: Settings) => boolean
): string | undefined {
  const kept = new Set<string>()
  const stages = settings.stages.filter((stage) => {
    const parsed = parseStage(stage, 1, [])
    const { id, on, definition } = parsed
    const works = sketchingOf(parsed) !== 'never'
    if (definition.type === 'health' || !works || (on !== undefined && !kept.has(on))) return false
    kept.add(id)
    return true
  })
  if (stages.length === 0 || !fits({ ...settings, stages })) return undefined
  return JSON.stringify({ stages: stages.map(written) })
}

function written({ definition, options }: StageValue): object {
  return { type: definition.type, ...options }
}

function shrink(stage: StageValue): StageValue {
  const { definition } = stage
  const options = definition.shrink?.(parseStage(stage, 1, []).options)
  return options ? { ...stage, options: { ...stage.options, ...options } } : stage
}

/** Halves its way to the fewest of the largest tensors without which the run fits: a plan of many tensors takes time. */
function fewerTensors(
  open: OpenFrame,
  settings: Settings,
  fits: (candidate: Settings) => boolean
): string | undefined {
  const largest = selectTensors(open.tensors, settings.select, 'select')
    .indices.map((index) => open.tensors[index]!)
    .sort((a, b) => b.elements - a.elements)
  let found: string | undefined
  let [least, most] = [1, Math.min(largest.length - 1, mostExcluded)]
  while (least <= most) {
    const count = (least + most) >> 1
    const exclude = [...settings.select.exclude, ...largest.slice(0, count).map(({ name }) => name)]
    const select = { ...settings.select, exclude }
    const outcome = tried({ ...settings, select }, fits)
    if (outcome === 'too large') least = count + 1
    else most = count - 1
    if (outcome === 'fits') found = JSON.stringify({ select: spoken(select) })
  }
  return found
}

/** A selection without what goes without saying. */
function spoken(select: Settings['select']): object {
  const fields: Fields = selectFields
  return Object.fromEntries(
    Object.entries(select).filter(([key, value]) => value !== fields[key]!.default)
  )
}

/** Without too many tensors a stage is left with none. */
function tried(
  candidate: Settings,
  fits: (candidate: Settings) => boolean
): 'fits' | 'too large' | 'empty' {
  try {
    return fits(candidate) ? 'fits' : 'too large'
  } catch {
    return 'empty'
  }
}
