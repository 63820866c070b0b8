/**
 * Takes pictures of pages at three widths in both themes: `node --import tsx test/report/screens.ts page.html...`; they lie in out/screens.
 */
import { basename, dirname, join, resolve } from 'node:path'
import { inChromium, noChromium } from '../runtimes/chromium.ts'

const widths = [360, 800, 1600]
const themes = ['light', 'dark'] as const

if (noChromium) throw new Error(noChromium)
const out = 'out/screens'
for (const file of process.argv.slice(2)) {
  await inChromium(dirname(resolve(file)), async (page, url) => {
    for (const colorScheme of themes) {
      for (const width of widths) {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        await page.goto(`${url}/${basename(file)}`)
        await page.waitForSelector('main')
        const path = join(out, `${basename(file, '.html')}-${width}-${colorScheme}.png`)
        await page.screenshot({ path, fullPage: true })
        const wide = await page.evaluate(() => document.documentElement.scrollWidth)
        if (wide > width) console.error(`${path}: ${wide} px wide`)
      }
    }
  })
}
