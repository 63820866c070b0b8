/**
 * Makes the pictures in docs/pictures: `npm run demo`, then `node --import tsx test/report/pictures.ts`.
 */
import { spawnSync } from 'node:child_process'
import { inChromium, noChromium } from '../runtimes/chromium.ts'

if (noChromium) throw new Error(noChromium)
const folder = 'thalweg-demo'
const [summaries, html] = [`${folder}/summaries.ndjson`, `${folder}/report.html`]
const report = ['dist/node/cli/main.js', 'report', summaries, '-o', html]
const { status } = spawnSync(process.execPath, report, { stdio: 'inherit' })
if (status !== 0) throw new Error(`there is no report of ${summaries}: run npm run demo first`)

await inChromium(folder, async (page, url) => {
  await page.emulateMedia({ colorScheme: 'light' })
  await page.setViewportSize({ width: 1200, height: 952 })
  await page.goto(`${url}/report.html`)
  await page.waitForSelector('main')
  await page.screenshot({ path: 'docs/pictures/report.png' })
})
