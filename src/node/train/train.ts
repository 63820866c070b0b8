import { setImmediate } from 'node:timers/promises'
import { ThalwegError } from '../../error.ts'
import { parseOptions } from '../../spec/parse.ts'
import { throwErrors } from '../../spec/problem.ts'
import { WeightStream } from '../../tfjs/weight-stream.ts'
import type { Json, Metrics } from '../../wire/frame.ts'
import { type Backend, loadBackend } from './backends.ts'
import { batches } from './batches.ts'
import type { Dataset } from './dataset.ts'
import { Member } from './member.ts'
import { type TrainOptions, type TrainSettings, trainFields } from './options.ts'
import { Random } from './random.ts'
import type { Recipe } from './recipe.ts'
import { firstValues, perturbedValues, scaledValues, streams } from './start.ts'

export interface TrainHooks {
  /** Ends training after the current step. The stream is closed as usual. */
  readonly signal?: AbortSignal
  /** Called once with the backend that computes. */
  onBackend?(about: string): void
  /** Called at each recorded step, with the metrics of member 0. */
  onStep?(step: number, steps: number, metrics: Metrics): void
}

/**
 * Trains a recipe with TF.js and yields its stream of weight deltas. Training waits for the reader of the chunks; each chunk is
 * valid until the next one is requested. At each step, all members train on the same batch, one after another. The same options
 * give the same bytes on the same machine and backend.
 *
 * @throws E_CONFIG for options out of range, E_PEER if TF.js or the data are not installed
 */
export async function* train(
  recipe: Recipe,
  options: TrainOptions = {},
  hooks: TrainHooks = {}
): AsyncGenerator<Uint8Array> {
  const settings = settingsOf(recipe, options)
  const data = recipe.data()
  checkBatch(recipe, settings, data)
  const backend = await loadBackend(settings.backend)
  hooks.onBackend?.(backend.about)
  for (let r = 0; r < settings.replicates && !hooks.signal?.aborted; r++) {
    yield* trainOnce(recipe, replicateOf(settings, recipe, r), data, backend, hooks)
  }
}

/** One of the requested trainings. */
interface Replicate extends TrainSettings {
  readonly run: string
  readonly replicate: number
}

/**
 * The settings of one replicate. Perturbed replicates differ only in their initial weights; other replicates each have their own
 * seed.
 */
function replicateOf(settings: TrainSettings, { name }: Recipe, replicate: number): Replicate {
  const { replicates, perturb, seed } = settings
  return {
    ...settings,
    seed: perturb > 0 ? seed : (seed + replicate) % 2 ** 32,
    run: replicates > 1 ? `${name}-${replicate + 1}` : name,
    replicate,
  }
}

async function* trainOnce(
  recipe: Recipe,
  settings: Replicate,
  data: Dataset,
  { tf, name }: Backend,
  hooks: TrainHooks
): AsyncGenerator<Uint8Array> {
  const members = Array.from({ length: settings.members }, () => new Member(tf, recipe, settings))
  const feed = batches(tf, data, settings.batch, new Random(settings.seed, streams.batches))
  try {
    assignStarts(members, recipe, settings)
    const { run, every, anchorEvery, dtype } = settings
    const stream = new WeightStream(
      members.map((member) => member.weights),
      {
        run,
        coupled: members.length > 1,
        meta: { ...metaOf(settings, data, name), ...recipe.meta },
        every,
        anchorEvery,
        dtype,
      }
    )
    yield* stream.open()
    for (let step = 1; step <= settings.steps && !hooks.signal?.aborted; step++) {
      const batch = feed.next().value
      const records = stream.records(step)
      const metrics: Metrics[] = []
      for (const member of members) metrics.push(await member.step(batch, records))
      if (records) {
        yield* stream.record(step, { epoch: (step * settings.batch) / data.size, metrics })
        hooks.onStep?.(step, settings.steps, metrics[0]!)
      }
      await setImmediate() // lets signals and timers be handled
    }
    yield* stream.close()
  } finally {
    feed.return(undefined as never)
    for (const member of members) member.dispose()
  }
}

function settingsOf(recipe: Recipe, options: TrainOptions): TrainSettings {
  const { value, problems } = parseOptions(trainFields, options)
  throwErrors(problems, `train ${recipe.name}`)
  if (value.hidden !== undefined && recipe.defaults.hidden === undefined) {
    throw new ThalwegError(
      'E_CONFIG',
      `train ${recipe.name}: hidden ${value.hidden} has no layer to size. Leave it out, or take a recipe with one hidden layer.`
    )
  }
  return { hidden: 0, ...recipe.defaults, ...value }
}

function checkBatch({ name }: Recipe, { batch }: TrainSettings, { size }: Dataset): void {
  if (batch <= size) return
  throw new ThalwegError(
    'E_CONFIG',
    `train ${name}: batch ${batch} exceeds the ${size} samples there are. Give ${size} or less.`
  )
}

function assignStarts(members: readonly Member[], recipe: Recipe, settings: Replicate): void {
  const { seed, epsilon, ratio, perturb, replicate } = settings
  const { weights } = members[0]!
  const values = firstValues(weights, recipe, seed)
  for (const [m, member] of members.entries()) {
    const place = perturb > 0 ? replicate * members.length + m : m
    const random = new Random(seed, streams.perturbation(place))
    if (place === 0) member.assign(values)
    else if (perturb > 0) member.assign(scaledValues(weights, values, perturb, random))
    else member.assign(perturbedValues(weights, values, epsilon * ratio ** (m - 1), random))
  }
}

/** Facts about the run, for `meta`. */
function metaOf(settings: Replicate, { size }: Dataset, backend: string) {
  const { optimizer, learningRate, momentum, weightDecay, batch, seed, members } = settings
  const { epsilon, ratio, perturb, replicates, replicate } = settings
  const meta: Record<string, Json> = { optimizer, learningRate }
  if (optimizer === 'momentum') meta.momentum = momentum
  if (weightDecay > 0) meta.weightDecay = weightDecay
  Object.assign(meta, { batchSize: batch, datasetSize: size, seed, backend })
  if (perturb > 0) meta.perturb = perturb
  else if (members > 1) meta.epsilon = epsilon
  if (perturb === 0 && members > 2) meta.ratio = ratio
  if (replicates > 1) meta.replicate = replicate + 1
  return meta
}
