import { arenaLimit } from '../../kernels/arena.ts'
import { isLiteral } from '../../spec/glob.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { mostShards, selectFields } from '../settings/fields.ts'
import { type ParsedStage, type Settings, sketchingOf } from '../settings/settings.ts'
import { withOptions, withoutDefaults, written } from '../settings/written.ts'
import { fits as fitsPlan, planUnlimited, type RunPlan } from './plan.ts'
import { selectTensors } from './select.ts'

/**
 * At most two complete settings, as JSON, under which a run that is too large would fit. Settings that keep more of the run come
 * first: the same run over more shards, all tensors with smaller stages, the same stages without the largest tensors or on only a
 * few of them, only the stages that work on a sketch, only one stage, more memory, and the smallest stages with somewhat more
 * memory.
 */
export function settingsThatFit(open: OpenFrame, settings: Settings, plan: RunPlan): string[] {
  const fits = fitsOn(open)
  const found: string[] = []
  const single = settings.stages
    .filter(({ definition, on }) => !definition.always && on.length === 0)
    .map((stage) => ({ ...settings, stages: [stage] }))
  const few = [
    () => fewOfMany(open, settings),
    () => sketchedStages(settings, fits),
    () => (needsShards(plan) ? undefined : memoryFor(open, settings, plan)),
    () => fewWithLeast(open, settings),
    () => oneWithMemory(open, settings),
  ]
  const many = [
    () => moreShards(open, settings, plan, fits),
    () => smallerStages(settings, fits),
    () => fewerTensors(open, settings, fits),
    () => fewTensors(open, settings, fits),
    () => sketchedStages(settings, fits),
    ...(single.length > 1 ? single.map((alone) => () => smallerStages(alone, fits)) : []),
    () => memoryFor(open, settings, plan),
    () => leastMemory(open, settings),
  ]
  for (const candidate of open.tensors.length > mostPlanned ? few : many) {
    const setting = found.length < 2 ? candidate() : undefined
    if (setting) found.push(JSON.stringify(setting))
  }
  return found
}

type Fits = (candidate: Settings) => boolean

const fitsOn =
  (open: OpenFrame): Fits =>
  (candidate) => {
    try {
      return fitsPlan(planUnlimited(open, candidate), candidate)
    } catch {
      // A candidate may leave a stage without tensors, and a tensor's name may not be a valid pattern.
      return false
    }
  }

/** With more tensors than this, planning is so slow that only a few plans are made: strangers may ask for one after another. */
const mostPlanned = 2048

/** Nobody reads more names than this, and a stream may bring tens of thousands. */
const mostNames = 32

function moreShards(
  open: OpenFrame,
  settings: Settings,
  plan: RunPlan,
  fits: Fits
): object | undefined {
  const shards = enoughShards(open, settings, plan)
  return shards > settings.shards && fits({ ...settings, shards }) ? { shards } : undefined
}

/** @param plan the plan of these settings */
function memoryFor(open: OpenFrame, settings: Settings, plan: RunPlan): object {
  const shards = enoughShards(open, settings, plan)
  const { bytes } = shards === settings.shards ? plan : planUnlimited(open, { ...settings, shards })
  const memory = { max: bytes }
  return shards > settings.shards ? { memory, shards } : { memory }
}

const needsShards = ({ memories }: RunPlan): boolean => memories.some((bytes) => bytes > arenaLimit)

/** The smallest number of shards at which each shard's rows fit into its memory. */
function enoughShards(open: OpenFrame, settings: Settings, plan: RunPlan): number {
  let { shards } = settings
  let largest = Math.max(...plan.memories)
  while (largest > arenaLimit && shards < mostShards) {
    shards = Math.min(mostShards, Math.ceil((shards * largest) / arenaLimit))
    largest = Math.max(...planUnlimited(open, { ...settings, shards }).memories)
  }
  return shards
}

function smallerStages(settings: Settings, fits: Fits): object | undefined {
  for (const candidate of smaller(settings)) {
    if (fits(candidate)) return blockAndStages(candidate)
  }
  return undefined
}

function leastMemory(open: OpenFrame, settings: Settings): object | undefined {
  const smallest = [...smaller(settings)].at(-1)
  if (!smallest) return undefined
  return {
    ...blockAndStages(smallest),
    ...memoryFor(open, smallest, planUnlimited(open, smallest)),
  }
}

/** Shrinks the stages step by step, down to their smallest. */
function* smaller(settings: Settings): Generator<Settings> {
  let { block, stages } = settings
  for (;;) {
    const shrunk = stages.map(shrink)
    if (block <= 4 && shrunk.every((stage, i) => stage === stages[i])) return
    block = Math.min(block, Math.max(4, Math.floor(block / 2)))
    stages = shrunk
    yield { ...settings, block, stages }
  }
}

function blockAndStages({ block, stages }: Settings): object {
  return { block, stages: stages.filter(({ path }) => path.length > 0).map(written) }
}

function sketchedStages(settings: Settings, fits: Fits): object | undefined {
  const kept = new Set<string>()
  const stages = settings.stages.filter((stage) => {
    const { id, on, definition } = stage
    const works = sketchingOf(stage) !== 'never' && on.every((source) => kept.has(source))
    if (definition.always || !works) return false
    kept.add(id)
    return true
  })
  const others = settings.stages.filter(({ definition }) => !definition.always)
  const isOther = stages.length > 0 && stages.length < others.length
  if (!isOther || !fits({ ...settings, stages })) return undefined
  return { stages: stages.map(written) }
}

function shrink(stage: ParsedStage): ParsedStage {
  const options = stage.definition.shrink?.(stage.options)
  return options ? withOptions(stage, options) : stage
}

/** Leaves out as few of the largest tensors as possible. */
function fewerTensors(open: OpenFrame, settings: Settings, fits: Fits): object | undefined {
  const { exclude } = settings.select
  const names = largestTensors(open, settings)
  const without = (count: number): Settings['select'] => {
    return { ...settings.select, exclude: [...exclude, ...names.slice(0, count)] }
  }
  const most = Math.min(names.length - 1, mostNames)
  const count = firstOf(most, (n) => fits({ ...settings, select: without(n) }))
  return count > most ? undefined : { select: withoutDefaults(selectFields, without(count)) }
}

/** The same as `fewTensors` for a run with very many tensors. It makes plans of only the largest ones. */
function fewOfMany(open: OpenFrame, settings: Settings): object | undefined {
  const largest = new Set(largestTensors(open, settings).slice(0, mostNames))
  const few = { ...open, tensors: open.tensors.filter(({ name }) => largest.has(name)) }
  return fewTensors(few, settings, fitsOn(few))
}

function oneWithMemory(open: OpenFrame, settings: Settings): object | undefined {
  const name = largestTensors(open, settings).find(isLiteral)
  if (name === undefined) return undefined
  const one = { ...open, tensors: open.tensors.filter((tensor) => tensor.name === name) }
  const select = { ...settings.select, include: [name] }
  const own = { ...settings, select }
  return {
    select: withoutDefaults(selectFields, select),
    ...memoryFor(one, own, planUnlimited(one, own)),
  }
}

function fewWithLeast(open: OpenFrame, settings: Settings): object | undefined {
  const smallest = [...smaller(settings)].at(-1)
  const select = smallest && fewOfMany(open, smallest)
  return select && { ...blockAndStages(smallest), ...select }
}

/** Selects as many of the largest tensors as fit, by name. */
function fewTensors(open: OpenFrame, settings: Settings, fits: Fits): object | undefined {
  const names = largestTensors(open, settings).filter(isLiteral)
  const only = (count: number): Settings['select'] => {
    return { ...settings.select, include: names.slice(0, count) }
  }
  const most = Math.min(names.length - 1, mostNames)
  const count = firstOf(most, (n) => !fits({ ...settings, select: only(n) })) - 1
  return count > 0 ? { select: withoutDefaults(selectFields, only(count)) } : undefined
}

/** Names of the selected tensors, those with the most elements first. */
function largestTensors(open: OpenFrame, { select }: Settings): string[] {
  return selectTensors(open.tensors, select, 'select')
    .indices.map((index) => open.tensors[index]!)
    .sort((a, b) => b.elements - a.elements)
    .map(({ name }) => name)
}

/** The first number from 1 to `most` from which on something holds, or `most + 1`. It bisects, because each plan takes time. */
function firstOf(most: number, holds: (n: number) => boolean): number {
  let [least, beyond] = [1, most + 1]
  while (least < beyond) {
    const middle = (least + beyond) >> 1
    if (holds(middle)) beyond = middle
    else least = middle + 1
  }
  return least
}
