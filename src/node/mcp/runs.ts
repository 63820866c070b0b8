import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import { plainValue, quoted } from '../../plain.ts'
import { alike } from '../../spec/parse.ts'
import { readSummaries } from '../summaries.ts'

/** The sources of answers: files of summaries, and what is known of their figures. */
export interface Stored {
  readonly paths: readonly string[]
  readonly specs: SummarySpecs
}

/** A summary and its run. */
export interface RunSummary {
  /** The run's name, with a number if files hold several runs of that name. */
  readonly run: string
  readonly file: string
  readonly summary: Summary
}

/**
 * All summaries in all files, in order. Files are read again for each question, because they may grow. They are never held in
 * memory as a whole.
 *
 * @throws E_INPUT, E_SUMMARY
 */
export async function* summariesOf({ paths, specs }: Stored): AsyncGenerator<RunSummary> {
  const times = new Map<string, number>()
  for (const file of paths) {
    const open = new Map<string, string>()
    for await (const { run: name, final, summaries } of readSummaries(file, { specs })) {
      const run = open.get(name) ?? idOf(name, times)
      open.set(name, run)
      for (const summary of summaries) yield plainValue({ run, file, summary })
      // After the end of a run, the same name means another run.
      if (final) open.delete(name)
    }
  }
}

function idOf(name: string, times: Map<string, number>): string {
  const count = (times.get(name) ?? 0) + 1
  times.set(name, count)
  return count === 1 ? name : idOf(`${name}#${count}`, times)
}

/**
 * The summaries of one run.
 *
 * @throws E_USAGE if there is no such run
 */
export async function* summariesOfRun(stored: Stored, wanted: string): AsyncGenerator<Summary> {
  const known = new Set<string>()
  for await (const { run, summary } of summariesOf(stored)) {
    known.add(run)
    if (run === wanted) yield summary
  }
  if (known.has(wanted)) return
  throw new ThalwegError(
    'E_USAGE',
    `no run is called ${quoted(wanted)}. ${alike(wanted, [...known].slice(0, 32))}`
  )
}
