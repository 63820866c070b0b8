import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { summaryLine } from '../../src/engine/summary.ts'
import { Feed } from '../../src/node/live/feed.ts'
import { serveFeed } from '../../src/node/live/serve.ts'
import { noChromium, onPageAt } from '../runtimes/chromium.ts'
import { everyRun, everySummary, metrics, specs, violations } from './support.ts'

const live = suite(`the live page${noChromium ? ` (skipped its pages: ${noChromium})` : ''}`)
const inPage = noChromium ? live.skip : live

live('is for this machine alone, and for who knows the token', async () => {
  const feed = new Feed(specs)
  const served = await serveFeed(feed, { port: 0, token: 'abc' })
  const at = served.url.replace(/\?.*/, '')
  const status = async (path: string, init?: RequestInit) =>
    (await fetch(`${at}${path}`, init)).status
  assert.is(await status('?token=abc'), 200)
  assert.is(await status(''), 401)
  assert.is(await status('?token=abd'), 401)
  assert.is(await status('?token=abc', { method: 'POST' }), 405)
  assert.is(await status('other?token=abc'), 404)
  await served.close()
  try {
    await serveFeed(feed, { port: 0, host: '0.0.0.0' })
    assert.unreachable()
  } catch (error) {
    assert.match((error as Error).message, /other machines can reach this.+\[E_USAGE\]/s)
  }
})

live(
  'says to Prometheus what came, of files of one run name apart, and whether it is ready',
  async () => {
    const feed = new Feed(specs)
    const served = await serveFeed(feed, { port: 0 })
    const get = (path: string) => fetch(new URL(path, served.url))
    assert.is((await get('/readyz')).status, 503)
    assert.is((await get('/healthz')).status, 200)
    feed.add([everySummary(10), metrics(10, { loss: 0.5 })])
    feed.add([everySummary(20)], 'b.ndjson')
    assert.is((await get('/readyz')).status, 200)
    const answer = await get('/metrics')
    assert.match(answer.headers.get('Content-Type')!, 'version=0.0.4')
    const lines = (await answer.text()).split('\n')
    for (const line of [
      'thalweg_step{run="r"} 10',
      'thalweg_step{run="r",origin="b.ndjson"} 20',
      'thalweg_metrics{run="r",stage="metrics",scope="model",member="0",name="loss"} 0.5',
    ]) {
      assert.ok(lines.includes(line), line)
    }
    await served.close()
  }
)

live('tells a reader what came after its place, or everything where that is gone', () => {
  const feed = new Feed(specs)
  feed.add([everySummary(10)])
  const { place } = feed
  feed.add([everySummary(20)])
  const told: string[] = []
  feed.read(place, (text) => told.push(text))()
  assert.is(told.length, 1)
  assert.match(told[0]!, /^id: .+-2\nevent: news\ndata: .+"step":20/)
  feed.read('other-1', (text) => told.push(text))()
  assert.match(told[1]!, /event: resync/)
})

live('tells a page that it is connected before there is news', async () => {
  const feed = new Feed(specs)
  feed.add([everySummary(10)])
  const served = await serveFeed(feed, { port: 0 })
  const events = new URL(`/events?after=${feed.place}`, served.url)
  const answer = await fetch(events, { signal: AbortSignal.timeout(5000) })
  assert.is(answer.status, 200)
  await answer.body!.cancel()
  await served.close()
})

live('keeps its memory when there is no end to what comes', () => {
  const feed = new Feed(specs)
  for (let step = 1; step <= 20_000; step++) {
    feed.add([everySummary(step), metrics(step, { loss: 1 / step })])
  }
  assert.ok(JSON.stringify(feed.picture).length < 2e6)
  let bytes = 0
  feed.read(feed.place.replace(/\d+$/, '1'), (text) => {
    bytes += text.length
  })()
  assert.ok(bytes < 9e6, `${bytes}`)
})

inPage('updates while it is open, and survives a lost connection', async () => {
  const feed = new Feed(specs)
  let served = await serveFeed(feed, { port: 0 })
  const port = Number(new URL(served.url).port)
  for (const summary of everyRun(100)) feed.add([summary])
  await onPageAt(served.url, async (page, failures) => {
    await page.waitForSelector('#live.live:has-text("Live")')
    await page.locator('details.how summary').first().click()
    feed.add([everySummary(110), metrics(110, { loss: 0.125 })])
    await page.waitForSelector('.end-label:has-text("loss 0.125")')
    assert.ok((await page.locator('details.how').first().getAttribute('open')) !== null)
    assert.equal(await violations(page), [])

    await served.drop()
    await page.waitForSelector('#live.lost:has-text("Connection lost since")')
    assert.is(await page.locator('.end-label:has-text("loss 0.125")').count(), 1)
    failures.length = 0
    const next = new Feed(specs)
    for (const summary of everyRun(300)) next.add([summary])
    served = await serveFeed(next, { port })
    await page.waitForSelector('#live.live:has-text("Live")', { timeout: 20_000 })
    await page.waitForSelector('text=so far, to step 300')
  })
  await served.close()
})

live('serves files of summaries that grow', async () => {
  mkdirSync('out/report', { recursive: true })
  const file = 'out/report/grows.ndjson'
  writeFileSync(file, `${summaryLine(everyMetrics(10))}\n`)
  const child = spawn(process.execPath, ['dist/node/cli/main.js', 'serve', file, '--port', '0'])
  try {
    const url = await new Promise<string>((resolve) => {
      child.stderr.on('data', (text) => resolve(/http\S+/.exec(String(text))![0]))
    })
    const shown = async () => (await (await fetch(url)).text()).match(/"step":(\d+)/g)?.at(-1)
    await until(async () => (await shown()) === '"step":10')
    appendFileSync(file, `${summaryLine(everyMetrics(20))}\n`)
    await until(async () => (await shown()) === '"step":20')
  } finally {
    const ended = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    assert.is(await ended, 130)
  }
})

const everyMetrics = (step: number) => metrics(step, { loss: 1 / step })

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('it did not come in 10 s')
}

live.run()
