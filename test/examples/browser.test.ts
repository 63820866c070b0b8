import { cpSync, rmSync } from 'node:fs'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { inChromium, noChromium, type Page } from '../runtimes/chromium.ts'

const browser = suite(`the example in a browser${noChromium ? ` (skipped: ${noChromium})` : ''}`)
const test = noChromium ? browser.skip : browser

/** Waits for a training to be between these steps; gives what stands on the page then. */
async function at(page: Page, from: number, to: number): Promise<Record<string, string>> {
  await page.waitForFunction(
    ([from, to]) => {
      const step = Number(/after (\d+) steps/.exec(document.body.textContent!)?.[1])
      return step >= from! && step <= to!
    },
    [from, to],
    { timeout: 120_000 }
  )
  const sections = await page.locator('section').evaluateAll((all) =>
    all.map((section) => {
      const [figure, words] = section.querySelector('p')!.children
      return [section.id, `${figure!.textContent} ${words!.textContent}`]
    })
  )
  return Object.fromEntries(sections)
}

/** Points of each line of a chart. */
const points = (page: Page, chart: string): Promise<number[]> =>
  page.locator(`.${chart} polyline`).evaluateAll((lines) => {
    return lines.map((line) => line.getAttribute('points')!.split(' ').length)
  })

const percents = (text: string): number[] =>
  Array.from(text.matchAll(/([\d.]+) %/g), ([, figure]) => Number(figure))

test('trains, and draws what it analyses while it does', async () => {
  const folder = 'out/browser'
  rmSync(folder, { recursive: true, force: true })
  cpSync('examples/browser', folder, { recursive: true })
  const entryPoints = ['examples/browser/main.ts']
  await build({ entryPoints, bundle: true, format: 'esm', outdir: folder })
  await inChromium(folder, async (page, url) => {
    await page.goto(url)
    const early = await at(page, 64, 400)
    assert.match(early.directions!, /of all movement lies in 4 of 83 directions/)
    assert.match(early.stability!, /^[a-z-]+ (exponent -?\d|no exponent yet)/)

    await page.locator('input').fill('-0.5')
    assert.is(await page.locator('output').textContent(), '0.32')
    await at(page, 8, 200)
    const said = await at(page, 400, 400)
    assert.ok(percents(said.network!)[0]! > 60, said.network)
    for (const section of ['directions', 'modes']) {
      const shares = percents(said[section]!)
      assert.is(shares.length, 2, said[section])
      assert.ok(
        shares.every((percent) => percent > 0 && percent <= 100),
        said[section]
      )
    }
    assert.equal(await points(page, 'loss'), [50])
    assert.equal(await points(page, 'captured'), [50, 50])
    assert.is((await points(page, 'separation'))[0], 400)
    assert.is(await page.locator('.values rect').count(), 4)
    await page.screenshot({ path: `${folder}/page.png`, fullPage: true })
  })
})

browser.run()
