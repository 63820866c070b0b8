import type { Alert, Summary } from '../../engine/summary.ts'
import { ThalwegError } from '../../error.ts'
import { defineSink } from '../../pipeline/sink.ts'
import { plain } from '../../plain.ts'
import { choice, integer, string } from '../../spec/fields.ts'
import type { Level } from '../../stage/define.ts'
import { bodyOf, type Told } from './body.ts'
import { Courier } from './courier.ts'

const levels = ['info', 'warn', 'error'] as const

/**
 * Sends alerts and the ends of runs to a webhook. Whatever happens to its requests, the run continues: they are sent in the
 * background, and messages that could not be delivered are reported once on stderr.
 */
export const webhook = defineSink({
  type: 'webhook',
  summary:
    'Posts alerts, and how each run ended, to a URL; a receiver that fails never stops the run.',
  options: {
    url: string({ description: 'where to post to', pattern: '^https?://' }),
    env: string({
      description:
        'in place of `url`, the environment variable that holds it: such URLs are secrets',
      pattern: '^\\w+$',
    }),
    format: choice(['plain', 'slack'], {
      description:
        '`plain`: JSON with every part; `slack`: a `text` that Slack, Mattermost and Discord (at `/slack`) show',
      default: 'plain',
    }),
    level: choice(levels, {
      description: 'lowest level of an alert that is posted',
      default: 'warn',
    }),
    timeoutMs: integer({
      description: 'longest time that a request may take, and that the end of the run waits for it',
      unit: 'ms',
      min: 1,
      default: 10_000,
    }),
  },
  open({ url, env, format, level, timeoutMs }) {
    const courier = new Courier(target(url, env), timeoutMs)
    const told = new Set<string>()
    const tell = (what: Told): void => courier.send(bodyOf(format, what))
    return {
      // Nothing here is awaited, so a slow receiver does not slow down the trainer.
      write({ summaries }) {
        for (const summary of summaries) {
          for (const alert of summary.alerts) {
            const key = JSON.stringify([summary.run, summary.stage, alert.id])
            if (!isAtLeast(alert.level, level) || told.has(key)) continue
            told.add(key)
            tell(toldOf(summary, alert))
          }
          if (summary.type !== 'run') continue
          tell({ ...toldOf(summary), end: String(summary.values.end) })
          told.clear()
        }
      },
      close: () => courier.close(),
    }
  },
})

function target(url: string | undefined, env: string | undefined): string {
  const found = url ?? (env === undefined ? undefined : process.env[env])
  if (found !== undefined && URL.canParse(found)) return found
  const why = env === undefined || url !== undefined ? 'give "url", or "env"' : `set ${env}`
  throw new ThalwegError('E_CONFIG', `sink webhook: there is no URL to post to: ${why}.`)
}

function isAtLeast(level: Level, least: Level): boolean {
  return levels.indexOf(level) >= levels.indexOf(least)
}

function toldOf({ run, stage, scope, member, step }: Summary, alert?: Alert): Told {
  const place = { run: plain(run), stage, scope: plain(scope), member, step }
  return alert ? { ...place, alert: { ...alert, message: plain(alert.message) } } : place
}
