import { figuresOf } from '../../engine/run/specs.ts'
import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import type { Figures } from '../../spec/figures.ts'
import { alike } from '../../spec/parse.ts'
import { boundedValue } from './bounded.ts'

/** Longest answer in characters. If it is longer, the summaries farthest from the step are left out. */
const mostCharacters = 48_000

/** The requested figures. */
export interface Wanted {
  readonly stage: string
  readonly scope: string
  /** Default: the last step. */
  readonly step?: number
  /** Maximum number of summaries. */
  readonly count: number
  /** Default: all figures. */
  readonly figures?: readonly string[]
}

/**
 * A stage's figures around a step, each with its declaration.
 *
 * @param run the run's summaries, in order
 * @throws E_USAGE if the run has no such stage, scope or figure, or if one summary alone is too long
 */
export async function figuresAround(
  run: AsyncIterable<Summary>,
  specs: SummarySpecs,
  { stage, scope, step = Number.POSITIVE_INFINITY, count, figures: names }: Wanted
): Promise<object> {
  const stages = new Set<string>()
  const scopes = new Set<string>()
  let near: Summary[] = []
  const known: Record<string, Figures[string]> = {}
  for await (const summary of run) {
    if (specs.has(summary.type)) stages.add(summary.stage)
    if (summary.stage !== stage) continue
    scopes.add(summary.scope)
    if (summary.scope !== scope) continue
    Object.assign(known, figuresOf(summary, specs))
    near.push(summary)
    // Steps ascend, so the summary that is dropped is the farthest one before the step, or else the last one that came.
    if (near.length > count) near = withoutFarthest(near, step)
  }
  requireKnown('stage', stage, stages)
  requireKnown('scope', scope, scopes)
  for (const name of names ?? []) requireKnown('figure', name, new Set(Object.keys(known)))
  const shown = Object.entries(known).filter(([name]) => names?.includes(name) ?? true)
  for (;;) {
    const answer = answerOf(near, Object.fromEntries(shown))
    if (JSON.stringify(answer).length <= mostCharacters) return answer
    if (near.length === 1) {
      throw new ThalwegError(
        'E_USAGE',
        `all figures of ${stage} are more than ${mostCharacters} characters at one step. Name some of them in "figures": ${Object.keys(known).slice(0, 32).join(', ')}.`
      )
    }
    near = withoutFarthest(near, step)
  }
}

function withoutFarthest(summaries: readonly Summary[], step: number): Summary[] {
  const [first, last] = [summaries[0]!, summaries.at(-1)!]
  return step - first.step >= last.step - step ? summaries.slice(1) : summaries.slice(0, -1)
}

function answerOf(summaries: readonly Summary[], figures: Figures): object {
  const cut: Record<string, number> = {}
  const rows = summaries.map(({ member, step, epoch, values, alerts }) => {
    const own = Object.entries(figures).flatMap(([name, figure]): [string, unknown][] => {
      if (values[name] === undefined) return []
      const tellCut = (items: number) => {
        cut[name] = Math.max(cut[name] ?? 0, items)
      }
      return [[name, boundedValue(figure, values[name], tellCut)]]
    })
    const why = values.why === undefined ? {} : { why: String(values.why).slice(0, 500) }
    const raised = alerts.length === 0 ? {} : { alerts: alerts.slice(0, 8).map(({ id }) => id) }
    return { member, step, epoch, values: { ...Object.fromEntries(own), ...why }, ...raised }
  })
  return { declared: figures, summaries: rows, cut }
}

function requireKnown(what: string, name: string, known: ReadonlySet<string>): void {
  if (known.has(name)) return
  const hint = alike(name, [...known].slice(0, 32))
  throw new ThalwegError('E_USAGE', `no ${what} is called ${JSON.stringify(name)}. ${hint}`)
}
