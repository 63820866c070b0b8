import {
  amount,
  type Block,
  exp,
  isSketch,
  log,
  type PlanShape,
  percent,
} from '../../stage/index.ts'
import { baselineOf, lastOf, medianOf } from './baseline.ts'
import type { Condition } from './spec.ts'
import {
  type HealthState,
  isDue,
  lossesOf,
  pushLoss,
  pushUpdate,
  updatesOf,
  usualLosses,
  usualUpdates,
} from './state.ts'

export interface Raised {
  readonly condition: Condition
  readonly message: string
}

/** Nothing is called unusual before this many values have come. */
const leastUsual = 32
/** A spike is at least this many deviations above the usual, and at least so many times as large. */
const spikeDeviations = 8
const spikeUpdates = 8
const spikeLosses = 1.5
/** Updates this many times the usual, and this large compared with the weights, through two whole blocks, are a divergence. */
const wildUpdates = 10
const wildRatio = 0.05
const wildLosses = 4
/** A jump back to the start is an update this many times the usual: weights that swing around the start return by usual updates. */
const jumpUpdates = 4
/** Weights that never moved are reported after this many recorded steps. */
const longEnough = 256

/**
 * Takes a recorded step's update norm and loss (NaN without one) into the baselines, and finds what is unusual compared with the values
 * before: medians and median absolute deviations of the last 64 updates, in logarithms, and of the last 256 losses.
 */
export function takeStep(state: HealthState, step: number, norm: number, loss: number): Raised[] {
  const raised: Raised[] = []
  state.steps++
  if (norm > 0) {
    const { count, median, scatter } = baselineOf(updatesOf(state))
    const above = log(norm) - median
    if (count >= leastUsual && above > Math.max(spikeDeviations * scatter, log(spikeUpdates))) {
      if (isDue(state, 'update-spike', state.steps, leastUsual)) {
        const message = `step ${step}: the update is ${amount(exp(above), 2)} times as large as usual (${amount(norm, 3)})`
        raised.push({ condition: 'update-spike', message })
      }
    }
    pushUpdate(state, log(norm))
  }
  if (Number.isFinite(loss)) {
    const { count, median, scatter } = baselineOf(lossesOf(state))
    const far =
      loss - median > spikeDeviations * scatter && isTimes(loss, spikeLosses, median, scatter)
    if (count >= leastUsual && far && isDue(state, 'loss-spike', state.steps, leastUsual)) {
      const message = `step ${step}: the loss is ${amount(loss, 3)}, usual is ${amount(median, 3)}`
      raised.push({ condition: 'loss-spike', message })
    }
    pushLoss(state, loss)
  }
  return raised
}

/** The state before a block is taken in. */
export interface Before {
  /** Median of the usual updates (a logarithm) and of the usual losses; NaN if too few have come. */
  readonly update: number
  readonly loss: number
  readonly lossScatter: number
  readonly distance: number
}

export function before(state: HealthState): Before {
  const updates = baselineOf(updatesOf(state))
  const losses = baselineOf(lossesOf(state))
  return {
    update: updates.count >= leastUsual ? updates.median : Number.NaN,
    loss: losses.count >= leastUsual ? losses.median : Number.NaN,
    lossScatter: losses.scatter,
    distance: state.distance,
  }
}

/** Finds the conditions that show only over a whole block. */
export function takeBlock(
  state: HealthState,
  block: Block,
  was: Before,
  norms: Float64Array,
  losses: Float64Array,
  { scope, open }: PlanShape
): Raised[] {
  const step = block.steps.at(-1)!
  const raised: Raised[] = []
  const raise = (condition: Condition, quiet: number, message: string): void => {
    if (isDue(state, condition, state.steps, quiet)) {
      raised.push({ condition, message: `step ${step}: ${message}` })
    }
  }
  const wild = wildness(state, was, norms, losses)
  state.wildBlocks = wild === undefined ? 0 : state.wildBlocks + 1
  if (wild !== undefined && state.wildBlocks >= 2) raise('diverging', usualUpdates, wild)

  const largest = norms.reduce((most, norm) => Math.max(most, norm), 0)
  const isJump = largest > 0.6 * was.distance && log(largest) - was.update > log(jumpUpdates)
  if (was.distance > 0 && state.distance < 0.2 * was.distance && isJump) {
    const share = percent(state.distance / was.distance)
    raise(
      'restarted',
      usualUpdates,
      `the weights jumped to ${share} of their distance from the start`
    )
  }
  const stuck = plateau(state)
  if (stuck !== undefined) raise('plateau', usualLosses, stuck)
  if (state.steps >= longEnough && !isSketch(scope) && scope.rows > 0) {
    const share = state.still / scope.rows
    const message = `${percent(share, 1)} of the weights have not moved in ${state.steps} recorded steps`
    const isHalf = scope.indices.every((index) => /16$/.test(open.tensors[index]!.dtype))
    if (isHalf && share >= 0.5) {
      raise('lost-updates', Infinity, `${message}: updates are lost to rounding in 16 bits`)
    } else if (share >= 0.01) raise('unmoved', Infinity, message)
  }
  return raised
}

/**
 * Whether a loss is more than `times` times the usual. The usual loss may be near or below 0. So the test is whether the loss exceeds it by
 * `times` - 1 times its size, or, if that is larger, its scatter.
 */
function isTimes(loss: number, times: number, usual: number, scatter: number): boolean {
  return loss - usual > (times - 1) * Math.max(Math.abs(usual), scatter)
}

/** Why a block is wild, if it is: its updates, or its losses, are far above the usual from beginning to end. */
function wildness(
  state: HealthState,
  was: Before,
  norms: Float64Array,
  losses: Float64Array
): string | undefined {
  const update = medianOf(norms)
  const size = Number.isNaN(state.weightNorm) ? state.distance : state.weightNorm
  if (log(update) - was.update > log(wildUpdates) && update > wildRatio * size) {
    return `updates are ${amount(exp(log(update) - was.update), 2)} times as large as before, and ${percent(update / size)} of the weights`
  }
  const loss = medianOf(losses)
  if (isTimes(loss, wildLosses, was.loss, was.lossScatter)) {
    return `the loss is ${amount(loss, 3)}, before it was ${amount(was.loss, 3)}`
  }
  return undefined
}

/**
 * Why the loss is on a plateau, if it is: of the last 256 losses, the second half is not below the first by more than twice the standard
 * error of the difference of their medians (1.2533 σ / √n each, σ by the median absolute deviation).
 */
function plateau(state: HealthState): string | undefined {
  if (state.lossesSeen < usualLosses) return undefined
  const losses = lastOf(lossesOf(state), usualLosses)
  const half = usualLosses / 2
  const [first, second] = [losses.subarray(0, half), losses.subarray(half)].map((values) =>
    baselineOf({ values, seen: half })
  ) as [ReturnType<typeof baselineOf>, ReturnType<typeof baselineOf>]
  const scatter = Math.max(first.scatter, second.scatter)
  const error = 1.2533 * scatter * Math.sqrt(2 / half)
  if (first.median - second.median > 2 * error) return undefined
  return `the loss has not fallen in ${usualLosses} recorded steps; it is ${amount(second.median, 3)}`
}
