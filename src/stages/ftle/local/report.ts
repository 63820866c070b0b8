import type { Alert, Outcome } from '../../../engine/stage.ts'
import type { Dtype } from '../../../wire/frame.ts'
import type { Rate } from '../interval.ts'
import { coarsest } from '../window.ts'
import { localExponents } from './exponents.ts'
import { operatorOf, unexplainedBy } from './operator.ts'
import { type Pairs, pairsOf } from './pairs.ts'
import type { Path } from './path.ts'
import { localVerdict } from './verdict.ts'

/** Fewest pairs of successive positions for each direction of an operator. */
const leastPairs = 4

export interface LocalOptions {
  /** Steps of the trainer that the operator is fitted to. */
  readonly window: number
  /** Steps of the trainer over which finite-time exponents are formed. */
  readonly horizon: number
  /** Of the tensors looked at. */
  readonly dtypes: readonly Dtype[]
}

/** The values of a summary, all there from the start; see the stage's README for each. */
const unknown = {
  method: 'local-linear',
  sees: 'one linear map for the whole window, in the directions that this run explored by itself; no other direction, and nothing of what moves outside of these',
  exponents: [],
  intervals: [],
  window: null,
  windows: [],
  efoldings: 0,
  verdict: 'insufficient',
  horizon: null,
  spectral: [],
  spectralIntervals: [],
  nonNormality: [],
  captured: null,
  unexplained: null,
}

/** What the last steps of a path say. */
export function localReport(path: Path, options: LocalOptions): Outcome {
  const to = path.count - 1
  let from = Math.max(0, to)
  while (from > 0 && path.step(to) - path.step(from - 1) <= options.window) from--
  const pairs = to > from ? pairsOf(path, from, to) : undefined
  const missing = whyMissing(pairs)
  if (!pairs || missing) return { values: { ...unknown, why: missing } }
  const window = [path.step(from), path.step(to)]
  const spacing = path.step(to) - path.step(to - 1)
  const recorded = Math.ceil(options.horizon / spacing)
  const horizon = recorded * spacing
  const { finite, spectral } = localExponents(pairs, recorded, spacing)
  const [first, slowest] = [finite[0]!, spectral[0]!]
  const efoldings = Math.abs(slowest.value) * (path.step(to) - path.step(from))
  const evidence = { finite: first, spectral: slowest, efoldings, pairs: pairs.pairs, horizon }
  const { verdict, why } = localVerdict(evidence)
  const captured = capturedBy(path, from, to)
  const indices = finite.map((_, i) => i)
  const unresolved = indices.filter((i) => Number.isNaN(finite[i]!.value))
  const single = indices.filter((i) =>
    [finite[i]!, spectral[i]!].some(
      ({ value, interval }) => Number.isNaN(interval[0]) && !Number.isNaN(value)
    )
  )
  const unexplained = unexplainedBy(operatorOf(pairs), pairs)
  const reasons = [
    why,
    ...(unresolved.length > 0
      ? [`${named(unresolved)} below the rounding of the first over ${horizon} steps`]
      : []),
    ...(single.length > 0
      ? [`${named(single)} told by one stretch of the window alone, so without an interval`]
      : []),
    ...(Number.isNaN(unexplained) ? ['all steps are alike, so there is nothing to explain'] : []),
    ...(captured < 0.5
      ? [`${(100 * (1 - captured)).toFixed(0)} % of the motion lies outside of the directions`]
      : []),
    ...(coarsest(options.dtypes) > 2 ** -24
      ? ['deltas are rounded coarsely, as if measured with noise, which makes |μ| too small']
      : []),
  ]
  return {
    values: {
      ...unknown,
      exponents: finite.map(({ value }) => value),
      intervals: finite.map(intervalOf),
      window,
      windows: finite.map(() => window),
      efoldings,
      verdict,
      horizon,
      spectral: spectral.map(({ value }) => value),
      spectralIntervals: spectral.map(intervalOf),
      nonNormality: finite.map(({ value }, i) => value - spectral[i]!.value),
      captured,
      unexplained,
      why: reasons.join('; '),
    },
    alerts: verdict === 'expanding' ? [expansionAlert(slowest)] : [],
  }
}

const intervalOf = ({ interval }: Rate) => (Number.isNaN(interval[0]) ? null : interval)

const named = (indices: readonly number[]): string =>
  `exponent ${indices.map((i) => i + 1).join(', ')}:`

/** Why no operator can be fitted, if so. */
function whyMissing(pairs: Pairs | undefined): string | undefined {
  if (!pairs) return 'too few steps without a break so far'
  if (pairs.size === 0) return 'the run does not move'
  const needed = leastPairs * pairs.size
  if (pairs.pairs >= needed) return undefined
  return `${pairs.pairs} steps for an operator on ${pairs.size} directions; ${needed} are needed`
}

/** Share of the squared length of the window's steps that lies in the directions as they are now. */
function capturedBy(path: Path, from: number, to: number): number {
  let inside = 0
  let whole = 0
  for (let t = from + 1; t <= to; t++) {
    const before = path.position(t - 1)
    path.position(t).forEach((value, k) => {
      inside += (value - before[k]!) * (value - before[k]!)
    })
    whole += path.moved(t)
  }
  // All of it may come out as a little more, by rounding.
  return Math.min(1, inside / whole)
}

function expansionAlert({ value, interval: [low, high] }: Rate): Alert {
  const figures = [value, low, high].map((figure) => figure.toPrecision(3))
  return {
    id: 'ftle/expanding',
    level: 'info',
    message: `the run leaves its path's centre exponentially: ln |μ| ${figures[0]} per step, 95 % interval ${figures[1]} to ${figures[2]}`,
  }
}
