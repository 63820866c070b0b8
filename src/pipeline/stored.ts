import { metricsSpec } from '../engine/run/specs.ts'
import type { AnalysedBlock, Summary, SummarySpecs } from '../engine/summary.ts'
import { ThalwegError } from '../error.ts'
import { isValue } from '../spec/check-values.ts'
import type { AnyValues, Figure } from '../spec/figures.ts'
import { isObject } from '../spec/parse.ts'
import { known } from '../spec/values.ts'
import { linesOf } from './lines.ts'

/**
 * Reads summaries that the sink `ndjson` has stored, in the form in which a run emits them, so that every sink can take them.
 * There may be any number of runs, one after another. A last line that was cut off is left out.
 *
 * An unknown number is null in JSON and becomes NaN again here. Figures that are not declared (any more) are left out. An unknown
 * stage keeps its values as they are.
 *
 * @param name the name of the input in errors, such as `file "run.ndjson"`
 * @throws E_SUMMARY if a line is not a summary
 *
 * @example
 * ```ts
 * for await (const block of storedBlocks(createReadStream('run.ndjson'), specsOf(registry), 'run.ndjson')) sink.write(block)
 * ```
 */
export async function* storedBlocks(
  chunks: AsyncIterable<Uint8Array>,
  specs: SummarySpecs,
  name: string
): AsyncGenerator<AnalysedBlock> {
  let held: Summary[] = []
  for await (const { text, number, whole } of linesOf(chunks, name)) {
    if (text.trim() === '') continue
    const summary = summaryOf(text, specs, whole, (why) => refused(name, number, why))
    if (summary === undefined) break
    if (held.length > 0 && !together(held.at(-1)!, summary)) {
      yield blockOf(held)
      held = []
    }
    held.push(summary)
  }
  if (held.length > 0) yield blockOf(held)
}

/** Whether two lines were emitted together, or at least with no frame between them. */
function together(last: Summary, next: Summary): boolean {
  return last.type !== 'run' && last.run === next.run && last.frames === next.frames
}

function blockOf(summaries: readonly Summary[]): AnalysedBlock {
  const steps = summaries.map(({ step }) => step)
  return {
    run: summaries[0]!.run,
    from: Math.min(...steps),
    to: Math.max(...steps),
    final: summaries.at(-1)!.type === 'run',
    summaries,
    columns: [],
  }
}

/** A line's summary, or undefined if the line was cut off. */
function summaryOf(
  text: string,
  specs: SummarySpecs,
  whole: boolean,
  refuse: (why: string) => ThalwegError
): Summary | undefined {
  let line: unknown
  try {
    line = JSON.parse(text)
  } catch {
    if (!whole) return undefined
    throw refuse('it is not JSON')
  }
  if (!isSummary(line)) throw refuse('it is not of schema thalweg.summary/1')
  const spec = specs.get(line.type)
  if (spec === undefined) return line
  const values = spec.type === metricsSpec.type ? metrics(line.values) : read(spec.figures, line)
  if (typeof values === 'string') throw refuse(`its figure "${values}" is not of its kind`)
  return { ...line, values }
}

/** Values as they were in memory, or the name of a figure whose value is not of the declared kind. */
function read(figures: { readonly [name: string]: Figure }, { values }: Summary) {
  for (const [name, figure] of Object.entries(figures)) {
    const value = values[name]
    if (value === undefined || value === null) continue
    try {
      if (!isValue(figure, known({ [name]: figure }, values)[name])) return name
    } catch {
      return name
    }
  }
  return known(figures, values)
}

function metrics(values: AnyValues): AnyValues | string {
  const entries = Object.entries(values)
  const wrong = entries.find(
    ([name, value]) => name !== 'why' && value !== null && typeof value !== 'number'
  )
  if (wrong) return wrong[0]
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? Number.NaN]))
}

const levels: readonly unknown[] = ['info', 'warn', 'error']

function isSummary(line: unknown): line is Summary {
  if (!isObject(line) || line.schema !== 'thalweg.summary/1') return false
  const { run, stage, type, scope, member, step, epoch, frames, values, alerts } = line
  const isText = (value: unknown) => typeof value === 'string'
  const isPlace = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0
  return (
    [run, stage, type, scope].every(isText) &&
    [member, step, frames].every(isPlace) &&
    (epoch === undefined || typeof epoch === 'number') &&
    isObject(values) &&
    (values.why === undefined || isText(values.why)) &&
    Array.isArray(alerts) &&
    alerts.every(
      (alert) => isText(alert?.id) && isText(alert.message) && levels.includes(alert.level)
    )
  )
}

function refused(name: string, number: number, why: string): ThalwegError {
  return new ThalwegError(
    'E_SUMMARY',
    `${name}, line ${number}: ${why}. Give the lines that the sink "ndjson" has written.`
  )
}
