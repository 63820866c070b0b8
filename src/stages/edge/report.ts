import {
  historyFigure,
  historyLine,
  type Interval,
  type RunSpectrum,
  type TrainingFacts,
  whyOf,
} from '../../stage/index.ts'
import { type Line, lineThrough, stretches } from './law.ts'
import type { Subject } from './plan.ts'
import type { EdgeValues } from './spec.ts'
import type { EdgeState } from './state.ts'

/** Relative distance of J from the edge within which the run is said to be at the edge. */
const near = 0.02

/** Optimizers that the law of growth holds for. */
const lawful = ['sgd', 'momentum', 'nesterov']

/** The figures of a summary, computed from the state alone. */
export function figuresOf(
  state: EdgeState,
  subject: Subject,
  facts: TrainingFacts,
  spectrum: RunSpectrum | undefined
): EdgeValues {
  const { matrix, network } = subject
  const { looks } = state
  const isLooked = looks > 0
  const iterated = network && 'layers' in network
  return {
    phase: matrix && isLooked ? phaseOf(state) : 'unknown',
    ...(matrix ? ofMatrix(state, facts, isLooked) : {}),
    ...(iterated ? hiddenOf(state, isLooked) : {}),
    ...(spectrum ? flipOf(spectrum) : {}),
    looks,
    lookedAt: isLooked ? state.lookedAt : Number.NaN,
    why: whyOf(...whyNot(state, subject, facts)),
  }
}

function phaseOf({ j, boundary }: EdgeState): EdgeValues['phase'] {
  const distance = j / boundary - 1
  if (Number.isNaN(distance)) return 'unknown'
  if (Math.abs(distance) < near) return 'edge'
  return distance < 0 ? 'ordered' : 'chaotic'
}

function ofMatrix(state: EdgeState, facts: TrainingFacts, isLooked: boolean) {
  const { j, j0, boundary, lookEpoch, lagOne, lagTwo, pairsOne, pairsTwo } = state
  const known = (value: number): number => (isLooked ? value : Number.NaN)
  const squares = historyLine(state, 0)
  const line = lineThrough(historyLine(state, 1), squares)
  const scaled = lineThrough(historyLine(state, 2), squares)
  const isLawful = unlawful(facts).length === 0
  const a = isLawful ? scaled : undefined
  const reached = line && state.crossed === 0 ? arrival(state, line) : undefined
  return {
    j: known(j),
    j0: known(j0),
    boundary: known(boundary),
    distance: known(j / boundary - 1),
    regime: regimeOf(state, line),
    growth: line?.slope ?? Number.NaN,
    growthInterval: line?.interval ?? null,
    prefactor: a?.slope ?? Number.NaN,
    prefactorInterval: a?.interval ?? null,
    edgeEpoch: reached?.epoch ?? Number.NaN,
    edgeEpochInterval: reached?.interval ?? null,
    parkingDecay: a ? a.slope / (4 * facts.datasetSize * boundary * boundary) : Number.NaN,
    lagOne: pairsOne > 0 ? state.cosinesOne / pairsOne : known(lagOne),
    lagTwo: pairsTwo > 0 ? state.cosinesTwo / pairsTwo : known(lagTwo),
    epoch: known(lookEpoch),
    history: historyFigure(state, 1),
  }
}

function regimeOf(state: EdgeState, line: Line | undefined): NonNullable<EdgeValues['regime']> {
  if (state.crossed === 1) return 'beyond'
  if (!line) return 'insufficient'
  const [low, high] = line.interval
  if (high <= 0) return 'receding'
  if (low <= 0) return 'insufficient'
  return line.isBent ? 'bending' : 'holds'
}

/** When J² reaches the edge at this rate; without an interval if the rate's interval includes no growth. */
function arrival(
  { j, boundary, lookEpoch }: EdgeState,
  { slope, interval }: Line
): { epoch: number; interval: Interval | null } | undefined {
  const left = boundary * boundary - j * j
  if (!(slope > 0) || Number.isNaN(left)) return undefined
  const at = (rate: number): number => lookEpoch + left / rate
  const [low, high] = interval
  return { epoch: at(slope), interval: low > 0 ? [at(high), at(low)] : null }
}

function hiddenOf(state: EdgeState, isLooked: boolean) {
  const known = (value: number): number => (isLooked ? value : Number.NaN)
  return {
    asymptoticDistance: known(state.asymptoticDistance),
    asymptoticDistanceError: known(state.asymptoticDistanceError),
    jacobianNorm: known(state.jacobianNorm),
    jacobianNormError: known(state.jacobianNormError),
  }
}

/** Of the eigenvalues that hold, the one nearest to -1. */
function flipOf({ modes }: RunSpectrum): { flipEigenvalue: number; flipResidual: number } {
  const nearness = ({ re, im }: RunSpectrum['modes'][number]): number => (re + 1) ** 2 + im * im
  const [nearest] = modes
    .filter(({ verdict }) => verdict === 'real')
    .sort((a, b) => nearness(a) - nearness(b))
  return {
    flipEigenvalue: nearest?.re ?? Number.NaN,
    flipResidual: nearest?.residual ?? Number.NaN,
  }
}

/** Properties of the optimizer that do not fit the law. */
function unlawful({ optimizer, weightDecay }: TrainingFacts): string[] {
  const reasons: string[] = []
  if (optimizer !== undefined && !lawful.includes(optimizer)) {
    reasons.push(
      `prefactor and parkingDecay are defined for SGD, and the optimizer is ${optimizer}`
    )
  }
  if (weightDecay !== 0) {
    reasons.push(
      'with weight decay J² grows by less than the law, so prefactor and parkingDecay are not given'
    )
  }
  return reasons
}

function whyNot(state: EdgeState, subject: Subject, facts: TrainingFacts): (string | false)[] {
  const { matrix, activation, network } = subject
  const { looks, boundary, epoch, exposure } = state
  const reasons: (string | false)[] = [
    network !== undefined && 'why' in network && network.why,
    looks === 0 && 'the weights were not looked at yet',
  ]
  if (!matrix)
    return [...reasons, !network && 'this scope is not a single matrix, and no network is declared']
  if (looks === 0) return reasons
  const looksKept = historyLine(state, 0).length
  return [
    ...reasons,
    !activation && 'boundary needs an activation: set `activation` or meta.activation',
    activation !== undefined &&
      Number.isNaN(boundary) &&
      'the edge is not known for this ratio of J₀ to J',
    !Number.isNaN(epoch) &&
      looksKept <= stretches &&
      `growth needs ${stretches + 1} looks, there were ${looksKept}`,
    Number.isNaN(epoch) && 'growth needs epochs, or meta.batchSize and meta.datasetSize',
    Number.isNaN(exposure) &&
      !Number.isNaN(epoch) &&
      'prefactor needs a learning rate and a batch size',
    Number.isNaN(facts.datasetSize) && 'parkingDecay needs meta.datasetSize',
    ...unlawful(facts),
  ]
}
