import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'
import * as assert from 'uvu/assert'
import { memoryStore } from '../../src/edge/stores/memory.ts'
import { edge } from '../edge/support.ts'
import { loopback } from '../support/loopback.ts'
import { installPacked } from '../support/packed.ts'
import { inChromium, noChromium } from './chromium.ts'
import { missing, pipeline, stream, suiteUnless, token, wholeLines } from './examples.ts'

const why = missing ?? noChromium
const { own: posts, test: browser } = suiteUnless(why, 'a page that posts')

let folder: string
let whole: string[]

posts.before(() => {
  if (why) return
  folder = installPacked('page').folder
  whole = wholeLines()
})

/** Posts the stream from a page to a handler of another origin that knows these pages; gives its lines. */
async function postedByPage(originsOf: (page: string) => readonly string[]): Promise<string[]> {
  const page = join(folder, 'page')
  await build({
    stdin: {
      contents: `import { poster } from 'thalweg/tfjs'
        globalThis.post = async (url, path) => {
          const lines = []
          const out = poster(url, {
            headers: { Authorization: 'Bearer ${token}' },
            pieceBytes: 100_000,
            retries: 0,
            strict: true,
            onSummaries: (some) => lines.push(...some),
          })
          await out.write(new Uint8Array(await (await fetch(path)).arrayBuffer()))
          await out.close()
          return lines
        }`,
      resolveDir: folder,
    },
    outfile: join(page, 'page.js'),
    bundle: true,
    format: 'esm',
  })
  writeFileSync(join(page, 'index.html'), '<script type="module" src="page.js"></script>\n')
  writeFileSync(join(page, 'recording'), stream)
  return inChromium(page, async (page, url) => {
    const authorize = ({ headers }: Request) => headers.get('Authorization') === `Bearer ${token}`
    const server = await loopback(
      edge(memoryStore(), { authorize, origins: originsOf(url) }, pipeline)
    )
    try {
      await page.goto(url)
      return await page.evaluate(
        ([url, path]) => {
          type Page = { post(url: string, path: string): Promise<string[]> }
          return (globalThis as unknown as Page).post(url!, path!)
        },
        [server.url, '/recording']
      )
    } finally {
      await server.close()
    }
  })
}

browser('a page posts to a handler of another origin that knows its own', async () => {
  assert.equal(await postedByPage((page) => [page]), whole)
})

browser(
  'a page is stopped by its browser where the handler knows other origins alone',
  async () => {
    const error = await postedByPage(() => ['https://example.com']).catch((error) => error as Error)
    assert.match((error as Error).message, /did not take piece 0.*Failed to fetch/)
  }
)

posts.run()
