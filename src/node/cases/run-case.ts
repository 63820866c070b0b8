import type { Summary } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import type { Pipeline } from '../../pipeline/pipeline.ts'
import { runPipeline } from '../../pipeline/run-pipeline.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { evaluate, partOf } from '../../rules/evaluate.ts'
import { type FigureName, namesIn } from '../../rules/expression.ts'
import type { Case } from './case-file.ts'

/** Runs a pipeline on a case's frames. @returns a sentence for each condition that was not met */
export async function failuresOf({ settings }: Pipeline, test: Case): Promise<string[]> {
  const summaries: Summary[] = []
  const collect = defineSink({
    type: 'collect',
    summary: 'Keeps all summaries.',
    options: {},
    open: () => ({ write: (block) => void summaries.push(...block.summaries), close() {} }),
  })
  const failures: string[] = []
  try {
    await runPipeline({ settings, source: test.source, sinks: [collect()] })
  } catch (error) {
    if (!(error instanceof ThalwegError)) throw error
    failures.push(`the run failed: ${error.message}`)
  }
  const raised = new Set(summaries.flatMap(({ alerts }) => alerts.map(({ id }) => id)))
  const came = raised.size > 0 ? `There came: ${[...raised].join(', ')}.` : 'None came.'
  for (const id of test.raises)
    if (!raised.has(id)) failures.push(`alert ${id} did not come. ${came}`)
  for (const id of test.never) if (raised.has(id)) failures.push(`alert ${id} came.`)
  for (const expected of test.expect) failures.push(...unmet(expected, summaries))
  return failures
}

/** A sentence for each scope whose last figures do not meet a condition. */
function unmet(
  { when, condition }: Case['expect'][number],
  summaries: readonly Summary[]
): string[] {
  const names = namesIn(condition)
  const named = summaries.filter(({ stage }) => names.some((name) => name.stage === stage))
  const split = new Set(named.map(({ scope }) => scope).filter((scope) => scope !== 'model'))
  const scopes = split.size > 0 ? [...split] : ['model']
  return scopes.flatMap((scope) => {
    const read = (name: FigureName) => {
      const own = named.filter(
        ({ stage, values }) => stage === name.stage && Object.hasOwn(values, name.path[0]!)
      )
      const last =
        own.findLast((summary) => summary.scope === scope) ??
        own.findLast((summary) => summary.scope === 'model')
      return last && partOf(last.values, name.path)
    }
    const holds = evaluate(condition, read)
    if (holds === true) return []
    const values = names.map(
      (name) => `${name.text} is ${JSON.stringify(read(name)) ?? 'not known'}`
    )
    const where = scope === 'model' ? '' : ` in ${scope}`
    const verb = holds === undefined ? 'is not known' : 'does not hold'
    return [`${when} ${verb}${where}: ${values.join(', ')}.`]
  })
}
