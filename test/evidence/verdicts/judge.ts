import { from } from 'rxjs'
import { analyse } from '../../../src/analyse.ts'
import type { StageValue } from '../../../src/stage/index.ts'
import { ftle } from '../../../src/stages/ftle/index.ts'
import { svd } from '../../../src/stages/svd/index.ts'
import { framesOf } from './frames.ts'
import type { Recorded, Situation } from './situation.ts'

/** What the product said of one instance. */
export interface Found {
  readonly seed: number
  /** The last verdict and its reason. */
  readonly verdict: string
  readonly why: string
  /** Every verdict that stood in some summary. */
  readonly ever: readonly string[]
  /** How often the verdict changed, after the first that was not `insufficient`. */
  readonly changes: number
  readonly alerts: readonly string[]
  /** Mean growth of the tangent a step, where it was followed. */
  readonly rate?: number
  /** Whether chaos shows: enough growth and time below saturation. */
  readonly shows: boolean
  readonly values: Readonly<Record<string, unknown>>
}

const stagesOf = ({ method }: Situation): StageValue[] =>
  method === 'local-linear' ? [svd({ rank: 8 }), ftle({ method, on: 'svd' })] : [ftle({ method })]

/** Runs the analysis over an instance. */
export function judged(situation: Situation, seed: number): Found {
  const recorded = situation.run(seed)
  const said: string[] = []
  const alerts = new Set<string>()
  let values: Record<string, unknown> = {}
  let failure: unknown
  from(framesOf(recorded))
    .pipe(analyse({ nonFinite: 'drop' }, ...stagesOf(situation)))
    .subscribe({
      next: ({ summaries }) => {
        for (const summary of summaries.filter(({ type }) => type === 'ftle')) {
          values = summary.values as Record<string, unknown>
          said.push(String(values.verdict))
          for (const { id } of summary.alerts) alerts.add(id)
        }
      },
      // Thrown in here, it would come up only after the run.
      error: (thrown: unknown) => {
        failure = thrown
      },
    })
  if (failure) throw failure
  const told = said.slice(
    Math.max(
      0,
      said.findIndex((verdict) => verdict !== 'insufficient')
    )
  )
  const { growth } = recorded
  return {
    seed,
    verdict: said.at(-1)!,
    why: String(values.why),
    ever: [...new Set(said)],
    changes: told.filter((verdict, i) => i > 0 && verdict !== told[i - 1]).length,
    alerts: [...alerts],
    ...(growth ? { rate: growth.reduce((a, b) => a + b, 0) / growth.length } : {}),
    shows: growth ? shows(recorded, growth) : false,
    values,
  }
}

/**
 * Whether an infinitesimal separation grows by more than 10 e-foldings, over more than 30 correlation times, before the
 * smallest twin would saturate.
 */
export function shows({ members: [zero, twin] }: Recorded, growth: readonly number[]): boolean {
  const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0))
  const size = twin
    ? norm(twin[0]!.map((v, i) => v - zero![0]![i]!)) / norm(zero![0]!)
    : Number.MIN_VALUE
  const room = Math.log(0.05 * Math.SQRT2) - Math.log(size)
  let grown = 0
  let steps = 0
  while (steps < growth.length && grown <= room) grown += growth[steps++]!
  return grown > 10 && steps > 30 * correlationTime(growth.slice(0, 3000))
}

/** Integrated autocorrelation time, summed until a pair of lags is not positive (Geyer 1992). */
function correlationTime(values: readonly number[]): number {
  const n = values.length
  const mean = values.reduce((a, b) => a + b, 0) / n
  const d = values.map((value) => value - mean)
  const at = (k: number): number => d.slice(k).reduce((sum, value, i) => sum + value * d[i]!, 0)
  const variance = at(0)
  let time = 1
  for (let k = 1; k + 1 < n / 8; k += 2) {
    const pair = (at(k) + at(k + 1)) / variance
    if (!(pair > 0)) break
    time += 2 * pair
  }
  return Math.max(1, Math.round(time))
}
