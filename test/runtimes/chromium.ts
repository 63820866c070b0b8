import { existsSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { Page } from 'playwright-core'

export type { Page }

const executable = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find(existsSync)

/** Why there is no browser to test in, if there is none. */
export const noChromium = !existsSync('test/runtimes/node_modules/playwright-core')
  ? 'test/runtimes is not installed'
  : executable === undefined
    ? 'Chromium is not installed'
    : undefined

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
}

/**
 * Serves a folder on loopback while a page of headless Chromium is used.
 *
 * @throws what the page threw or logged as an error
 */
export async function inChromium<T>(
  folder: string,
  use: (page: Page, url: string) => Promise<T>
): Promise<T> {
  const server = createServer(({ url }, response) => {
    const path = url === '/' ? '/index.html' : url!
    const file = join(folder, path)
    const found = existsSync(file)
    const type = types[extname(path)] ?? 'application/octet-stream'
    response.writeHead(found || path === '/favicon.ico' ? 200 : 404, { 'content-type': type })
    response.end(found ? readFileSync(file) : undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath: executable,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'],
  })
  try {
    const page = await browser.newPage()
    const failures: Error[] = []
    let thrown: Error | undefined
    page.on('pageerror', (error) => {
      thrown ??= error
      failures.push(error)
    })
    page.on('console', (line) => {
      if (line.type() === 'error') failures.push(new Error(line.text()))
    })
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    // What the page has thrown comes first: a wait that ran out is its consequence.
    const result = await use(page, url).catch((error: unknown) => {
      throw thrown ?? error
    })
    if (failures.length > 0) throw failures[0]
    return result
  } finally {
    await browser.close()
    server.close()
  }
}
