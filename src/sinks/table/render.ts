import type { Summary, SummarySpecs } from '../../engine/summary.ts'
import type { Terminal } from '../../node/terminal.ts'
import { columns, wrap } from '../../node/text.ts'
import { amount, counted, megabytes } from '../../stage/words.ts'
import type { Figure, Overview } from './overview.ts'
import { sectionOf } from './section.ts'

/** The end of a run for people: what came, what the stages found, and what to look at. */
export function render(overview: Overview, specs: SummarySpecs, terminal: Terminal): string {
  const width = Math.min(100, Math.max(60, terminal.columns))
  const name = `run ${overview.run}`
  const head = wrap(name + ending(overview.end), width).join('\n  ')
  const parts = [head.replace(name, () => terminal.bold(name))]
  for (const [stage, scopes] of overview.stages) {
    const summaries = [...scopes.values()]
    const spec = specs.get(summaries[0]!.type)
    const section = spec ? sectionOf(spec, summaries, width).map(laidOut(width)) : []
    parts.push([heading(stage, summaries, terminal), ...section].join('\n'))
  }
  if (overview.metrics.size > 0) {
    parts.push([terminal.bold('metrics'), metrics(overview, width)].join('\n'))
  }
  if (overview.alerts.size > 0) {
    parts.push([terminal.bold('alerts'), ...alerts(overview, terminal, width)].join('\n'))
  }
  return `\n${parts.join('\n\n')}\n`
}

function ending(end: Summary | undefined): string {
  if (end === undefined) return ''
  const { values, environment } = end
  const facts = [
    counted(Number(values.steps), 'step'),
    counted(Number(values.parameters), 'parameter'),
    counted(Number(values.members), 'member'),
    megabytes(Number(values.bytes)),
    ...(environment ? [`${amount(Number(environment.wallSeconds), 3)} s`] : []),
    String(values.end),
  ]
  return ` · ${facts.join(' · ')}`
}

function heading(stage: string, summaries: readonly Summary[], terminal: Terminal): string {
  const [{ type, scope, member, step }] = summaries as [Summary]
  const facts = [
    type === stage ? '' : type,
    summaries.length === 1 ? scope : counted(summaries.length, 'scope'),
    member === 0 ? '' : `member ${member}`,
    `to step ${step}`,
  ]
  return `${terminal.bold(stage)} ${terminal.dim(facts.filter((fact) => fact !== '').join(' · '))}`
}

/** Indents and wraps a paragraph, unless it has its layout already. */
function laidOut(width: number): (text: string) => string {
  return (text) =>
    text.startsWith('  ')
      ? text
      : wrap(text, width - 2)
          .map((line) => `  ${line}`)
          .join('\n')
}

function metrics({ metrics }: Overview, width: number): string {
  const rows = [...metrics].flatMap(([member, figures]) =>
    [...figures].map(([name, { first, last }]) => [
      metrics.size > 1 ? `${name}, member ${member}` : name,
      at(first),
      '→',
      at(last),
    ])
  )
  return columns(rows, width)
}

function at({ value, step }: Figure): string {
  return `${amount(value)} at step ${step}`
}

function alerts({ alerts }: Overview, terminal: Terminal, width: number): string[] {
  const colour = { info: terminal.dim, warn: terminal.yellow, error: terminal.red }
  return [...alerts.values()].map(({ id, level, message, count, step }) => {
    const times = count > 1 ? `, ${count} times, the last at step ${step}` : ''
    const [first, ...rest] = wrap(`${id}${times}: ${message}`, width - 2 - level.length - 1)
    return [`  ${colour[level](level)} ${first}`, ...rest.map((line) => `    ${line}`)].join('\n')
  })
}
