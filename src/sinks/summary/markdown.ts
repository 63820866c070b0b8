import type { SummarySpecs } from '../../engine/summary.ts'
import { markdownTable, markdownText } from '../../node/markdown.ts'
import { amount } from '../../stage/words.ts'
import { cell, list, none } from '../table/cells.ts'
import type { Gist } from './gist.ts'

/** The same gists as a Markdown page. */
export function pageOf(gists: readonly Gist[], specs: SummarySpecs): string {
  return `${gists.map((gist) => partsOf(gist, specs).join('\n\n')).join('\n\n')}\n`
}

function partsOf({ run, end, step, says, alerts, metrics, stages }: Gist, specs: SummarySpecs) {
  const parts = [`# ${markdownText(run)}`, `${end} at step ${step}`]
  const many = new Set(stages.map(({ scope }) => scope)).size > 1
  if (says.length > 0) {
    const lines = says.map(({ level, text, scope }) => {
      const grave = level === 'info' ? '' : `**${level}** `
      const where = many && scope !== 'model' ? `${markdownText(scope)}: ` : ''
      return `- ${grave}${where}${markdownText(text)}`
    })
    parts.push(lines.join('\n'))
  }
  if (alerts.length > 0) {
    const rows = alerts.map((alert) => [
      alert.level,
      alert.id,
      String(alert.count),
      String(alert.step),
      alert.message,
    ])
    parts.push('## Alerts', markdownTable([['level', 'id', 'times', 'last step', ''], ...rows]))
  }
  if (metrics.length > 0) {
    const rows = metrics.map(({ name, member, first, last, step }) => [
      name,
      String(member),
      number(first),
      number(last),
      String(step),
    ])
    parts.push('## Metrics', markdownTable([['metric', 'member', 'first', 'last', 'at'], ...rows]))
  }
  for (const { stage, type, scope, figures } of stages) {
    const known = specs.get(type)?.figures ?? {}
    const rows = Object.entries(figures).map(([name, value]) => {
      const figure = known[name]!
      const isList = Array.isArray(value) && (figure.kind === 'rank' || isRanked(figure))
      const shown = isList ? list(value).map((item) => cell(figure, item)) : [cell(figure, value)]
      return [figure.title, shown.join(', '), figure.unit ?? '']
    })
    if (rows.length === 0) continue
    const title = scope === 'model' ? stage : `${stage}, ${scope}`
    parts.push(`## ${markdownText(title)}`, markdownTable([['figure', 'value', 'unit'], ...rows]))
  }
  return parts
}

function isRanked(figure: { readonly kind: string; readonly over?: string }): boolean {
  return figure.kind === 'interval' && figure.over === 'rank'
}

function number(value: number | null): string {
  return value === null ? none : amount(value)
}
