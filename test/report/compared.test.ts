import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Random } from '../../src/node/train/random.ts'
import { lineOf, type Points, temporary } from '../node/compare/support.ts'
import { noChromium } from '../runtimes/chromium.ts'
import { thalweg } from '../support/thalweg.ts'
import { onPage, violations } from './support.ts'

const page = suite('the page of a comparison')
const { folder, put, remove } = temporary()
page.after(remove)
const hostile = '</script><img src=x>'

/** Groups of five runs whose spectra scatter about their own. */
function runsOf(groups: Readonly<Record<string, number>>): string {
  for (const [group, shift] of Object.entries(groups)) {
    mkdirSync(join(folder, 'runs', group), { recursive: true })
    const random = new Random(group.length, 0)
    for (let i = 0; i < 5; i++) {
      const points: Points = [0.6, 0.7, 0.8].map((re) => [re + shift + 1e-3 * random.normal(), 0])
      put(`runs/${group}/${i}.ndjson`, lineOf(`${hostile} ${i}`, points))
    }
  }
  return join(folder, 'runs')
}

const out = join(folder, 'compare.html')
const runs = runsOf({ adam: 0, sgd: 0.01, lion: 0.03 })

let written: Awaited<ReturnType<typeof thalweg>>
page.before(async () => {
  written = await thalweg(['compare', runs, '-o', out])
})

page('is written beside the text, and carries no name as markup', async () => {
  const { code, stdout } = written
  assert.is(code, 0)
  assert.match(stdout, /train differently/)
  const html = readFileSync(out, 'utf8')
  assert.ok(html.length < 2e5, `${html.length} bytes`)
  assert.not.match(html, /<img/)
  const alone = await thalweg(['compare', runs, '--out', '-'])
  assert.match(alone.stdout, /^<!doctype html>/, 'to standard output the page alone')
})

page('does not take the place of a run', async () => {
  const { code, stderr } = await thalweg(['compare', runs, '-o', join(runs, 'sgd/0.ndjson')])
  assert.is(code, 78)
  assert.match(stderr, /the page: .* is the file of a run too/)
})

const inBrowser = noChromium ? page.skip : page
inBrowser(
  `draws all runs in one plane, and all distances${noChromium ? `: ${noChromium}` : ''}`,
  async () => {
    await onPage(readFileSync(out, 'utf8'), async (page) => {
      assert.is(await page.locator('#joint-map .point').count(), 15)
      const places = await page
        .locator('#joint-map .point')
        .evaluateAll((points) => points.map((point) => point.getBoundingClientRect().x))
      const [adam, lion, sgd] = [0, 5, 10].map((from) => places.slice(from, from + 5)) as number[][]
      const isBetween = (a: number[], b: number[]) => Math.max(...a) < Math.min(...b)
      const ordered = isBetween(adam!, sgd!) && isBetween(sgd!, lion!)
      const turned = isBetween(lion!, sgd!) && isBetween(sgd!, adam!)
      assert.ok(ordered || turned, `sgd lies between the others: ${places}`)
      const said = await page.locator('.sentences .text').allTextContents()
      assert.is(said.length, 3)
      assert.match(said[0]!, /adam and lion train differently/)
      assert.is(await page.locator('#distances-matrix svg rect:not(.box)').count(), 15 * 14)
      await page.locator('#joint-map details.table summary').click()
      assert.is(await page.locator('#joint-map tbody tr').count(), 15)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme })
        assert.equal(await violations(page), [])
      }
      await page.setViewportSize({ width: 360, height: 900 })
      const fits = () => document.documentElement.scrollWidth <= innerWidth
      await page.waitForFunction(fits, undefined, { timeout: 5000 })
    })
  }
)

page.run()
