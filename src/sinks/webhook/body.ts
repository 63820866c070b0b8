import type { Alert } from '../../engine/summary.ts'

/** What a message reports: an alert, or the end of a run. */
export interface Told {
  readonly run: string
  readonly stage: string
  readonly scope: string
  readonly member: number
  readonly step: number
  readonly alert?: Alert
  /** How the run ended. */
  readonly end?: string
}

/** Longest text, in characters. Slack cuts texts at 4,000. */
const mostText = 3000

/** A request's body, as JSON. */
export function bodyOf(format: 'plain' | 'slack', told: Told): string {
  if (format === 'plain') return JSON.stringify({ schema: 'thalweg.webhook/1', ...told })
  return JSON.stringify({ text: slackText(told) })
}

const signs = { error: ':red_circle:', warn: ':warning:', info: ':information_source:' } as const

function slackText({ run, scope, step, alert, end }: Told): string {
  const where = `run ${run}${scope === 'model' ? '' : `, ${scope}`}, step ${step}`
  const sign = alert ? signs[alert.level] : end === 'closed' ? ':white_check_mark:' : ':warning:'
  const what = alert ? `${alert.level} ${alert.id}: ${alert.message}` : `the run has ended: ${end}`
  return `${sign} ${escaped(`${what} (${where})`.slice(0, mostText))}`
}

/** Escapes Slack's three special characters, with which names could mention people or hide links, and its markup. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[*_~`@]/g, '$&\u200b')
}
