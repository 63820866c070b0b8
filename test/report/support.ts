import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { specsOf } from '../../src/engine/run/specs.ts'
import type { Summary } from '../../src/engine/summary.ts'
import { htmlOf } from '../../src/sinks/report/html.ts'
import { Listener } from '../../src/sinks/report/model/hear.ts'
import { everyKind, everyValue } from '../../src/testing/every-kind.ts'
import { inChromium, type Page } from '../runtimes/chromium.ts'

export const specs = specsOf({ stages: [everyKind] })

/** A summary of a stage with one figure of every kind. */
export function everySummary(step: number, rest: Partial<Summary> = {}): Summary {
  const type = everyKind.definition.type
  const place = { run: 'r', stage: type, type, scope: 'model', member: 0, step, frames: 2 * step }
  const alerts =
    step % 40 < 20 ? [{ id: `${type}/seen`, level: 'warn' as const, message: 'seen' }] : []
  return { schema: 'thalweg.summary/1', ...place, values: everyValue, alerts, ...rest }
}

export function metrics(step: number, values: Summary['values'], rest: Partial<Summary> = {}) {
  return everySummary(step, { stage: 'metrics', type: 'metrics', values, alerts: [], ...rest })
}

export function heard(summaries: Iterable<Summary>): Listener {
  const listener = new Listener(specs)
  for (const summary of summaries) listener.hear(summary)
  return listener
}

/** A run with every kind of figure, and a loss. */
export function* everyRun(steps: number, run = 'r'): Generator<Summary> {
  for (let step = 10; step <= steps; step += 10) {
    yield everySummary(step, { run })
    yield metrics(step, { loss: 2 / Math.sqrt(step), accuracy: 1 - 1 / step }, { run })
  }
}

/** Opens a page as it lies on a disk; it may ask for nothing but itself. */
export async function onPage<T>(html: string, use: (page: Page) => Promise<T>): Promise<T> {
  const folder = `out/report/${process.pid}`
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/index.html`, html)
  return inChromium(folder, async (page, url) => {
    const strange: string[] = []
    page.on('request', (request) => {
      if (request.url() !== `${url}/` && !request.url().startsWith('blob:'))
        strange.push(request.url())
    })
    await page.goto(`${url}/`)
    await page.waitForSelector('main')
    const result = await use(page)
    const asked = strange.filter((address) => !address.endsWith('/favicon.ico'))
    if (asked.length > 0) throw new Error(`the page asked for ${asked.join(', ')}`)
    return result
  })
}

export const reportOf = (summaries: Iterable<Summary>): string => htmlOf(heard(summaries).picture)

/** What axe-core finds wrong. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync('test/runtimes/node_modules/axe-core/axe.min.js', 'utf8'))
  return page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Found[] }> } }
    interface Found {
      id: string
      nodes: { target: string[]; failureSummary: string }[]
    }
    const { violations } = await axe.run()
    return violations.map(
      ({ id, nodes }) => `${id}: ${nodes[0]!.target.join(' ')} ${nodes[0]!.failureSummary}`
    )
  })
}
