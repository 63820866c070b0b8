import { arenaLimit } from '../../kernels/arena.ts'
import { isLiteral } from '../../spec/glob.ts'
import type { OpenFrame } from '../../wire/frame.ts'
import { mostShards, selectFields } from '../settings/fields.ts'
import { type ParsedStage, type Settings, sketchingOf } from '../settings/settings.ts'
import { withOptions, withoutDefaults, written } from '../settings/written.ts'
import { fits as fitsPlan, planUnlimited } from './plan.ts'
import { selectTensors } from './select.ts'

/**
 * Two complete settings under which a run that is too large would fit, as JSON. In order of what they keep: the same over
 * more shards, all tensors with smaller stages, the same stages without the largest tensors or on a few alone, those that
 * work on a sketch, one alone, more memory, somewhat more for the smallest stages.
 */
export function settingsThatFit(open: OpenFrame, settings: Settings): string[] {
  const fits: Fits = (candidate) => {
    try {
      return fitsPlan(planUnlimited(open, candidate), candidate)
    } catch {
      // A stage may be left without a tensor, and a name may be no pattern.
      return false
    }
  }
  const found: string[] = []
  const single = settings.stages
    .filter(({ definition, on }) => !definition.always && on.length === 0)
    .map((stage) => ({ ...settings, stages: [stage] }))
  const candidates = [
    () => moreShards(open, settings, fits),
    () => smallerStages(settings, fits),
    () => fewerTensors(open, settings, fits),
    () => fewTensors(open, settings, fits),
    () => sketchedStages(settings, fits),
    ...(single.length > 1 ? single.map((alone) => () => smallerStages(alone, fits)) : []),
    () => memoryFor(open, settings),
    () => leastMemory(open, settings),
  ]
  for (const candidate of candidates) {
    const setting = found.length < 2 ? candidate() : undefined
    if (setting) found.push(JSON.stringify(setting))
  }
  return found
}

type Fits = (candidate: Settings) => boolean

/** More names than these nobody reads, and a stream may bring tens of thousands. */
const mostNames = 32

function moreShards(open: OpenFrame, settings: Settings, fits: Fits): object | undefined {
  const shards = enoughShards(open, settings)
  return shards > settings.shards && fits({ ...settings, shards }) ? { shards } : undefined
}

function memoryFor(open: OpenFrame, settings: Settings): object {
  const shards = enoughShards(open, settings)
  const memory = { max: planUnlimited(open, { ...settings, shards }).bytes }
  return shards > settings.shards ? { memory, shards } : { memory }
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

function smallerStages(settings: Settings, fits: Fits): object | undefined {
  for (const candidate of smaller(settings)) {
    if (fits(candidate)) return blockAndStages(candidate)
  }
  return undefined
}

function leastMemory(open: OpenFrame, settings: Settings): object | undefined {
  const smallest = [...smaller(settings)].at(-1)
  return smallest && { ...blockAndStages(smallest), ...memoryFor(open, smallest) }
}

/** The same stages ever smaller, to the smallest that they can be. */
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
  if (stages.length === 0 || !fits({ ...settings, stages })) return undefined
  return { stages: stages.map(written) }
}

function shrink(stage: ParsedStage): ParsedStage {
  const options = stage.definition.shrink?.(stage.options)
  return options ? withOptions(stage, options) : stage
}

/** Without the fewest of the largest tensors. */
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

/** The most of the largest tensors, by name. */
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

/** The first number from 1 to `most` from which on something holds, else one more; by halves, since plans take time. */
function firstOf(most: number, holds: (n: number) => boolean): number {
  let [least, beyond] = [1, most + 1]
  while (least < beyond) {
    const middle = (least + beyond) >> 1
    if (holds(middle)) beyond = middle
    else least = middle + 1
  }
  return least
}
