// Replays ten hours of summaries into a file that `thalweg serve` follows, with a page open, and watches what both hold:
// the resident memory of the server and the heap of the page must stay as they were after the first tenth.
//
//   node --import tsx test/evidence/hours.ts [hours]
//
// The summaries are those of test/fixtures/mnist.thalweg, told again and again at later steps: 16 steps a block, 10 steps a second.
import { spawn, spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as wait } from 'node:timers/promises'
import type { Summary } from '../../src/engine/summary.ts'
import { onPageAt } from '../runtimes/chromium.ts'

const [hours = '10'] = process.argv.slice(2)
const blockSteps = 16
const blocks = Math.round((Number(hours) * 3600 * 10) / blockSteps)
const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
const [recorded, grown] = [join(folder, 'recorded.ndjson'), join(folder, 'grown.ndjson')]
const thalweg = (...argv: string[]) => [join('dist', 'node', 'cli', 'main.js'), ...argv]

await record()
writeFileSync(grown, '')
const server = spawn(process.execPath, thalweg('serve', grown, '--port', '0'))
const url = await new Promise<string>((resolve) => {
  server.stderr.on('data', (text) => resolve(/http\S+/.exec(String(text))![0]))
})
try {
  await onPageAt(url, async (page) => {
    const devtools = await page.context().newCDPSession(page)
    const heap = async () => {
      await devtools.send('HeapProfiler.collectGarbage')
      return (await devtools.send('Runtime.getHeapUsage')).usedSize / 2 ** 20
    }
    const replay = spawn(process.execPath, thalweg('replay', 'ndjson', '--set', `path=${grown}`), {
      stdio: ['pipe', 'inherit', 'inherit'],
    })
    const lines = readFileSync(recorded, 'utf8').split('\n')
    const tenth = Math.ceil(lines.length / 10)
    console.log('part  server MiB  page MiB  step shown')
    for (let part = 0; part < 10; part++) {
      const text = lines.slice(part * tenth, (part + 1) * tenth).join('\n')
      if (!replay.stdin.write(`${text}\n`))
        await new Promise((resolve) => replay.stdin.once('drain', resolve))
      const last = Math.ceil(((part + 0.9) * blocks) / 10) * blockSteps
      const shown = await shows(page, last)
      const row = [part + 1, resident(), await heap(), shown].map((n) => n.toFixed(0).padStart(9))
      console.log(row.join(' '))
    }
    replay.stdin.end()
  })
} finally {
  server.kill('SIGTERM')
  rmSync(folder, { recursive: true })
}

/** Writes what ten hours would have said. */
async function record(): Promise<void> {
  const argv = thalweg('run', 'default', '--input', 'test/fixtures/mnist.thalweg', '--quiet')
  const { stdout } = spawnSync(process.execPath, argv, { encoding: 'utf8', maxBuffer: 1e9 })
  const all = stdout.trim().split('\n')
  const told = all.map((line) => JSON.parse(line) as Summary).filter(({ type }) => type !== 'run')
  const steps = [...new Set(told.map(({ step }) => step))]
  const file = createWriteStream(recorded)
  for (let block = 0; block < blocks; block++) {
    const step = (block + 1) * blockSteps
    const of = steps[block % steps.length]
    const lines = told.flatMap((one) => (one.step === of ? [JSON.stringify({ ...one, step })] : []))
    if (!file.write(`${lines.join('\n')}\n`))
      await new Promise<void>((resolve) => file.once('drain', resolve))
  }
  file.end()
  await finished(file)
}

/** The step that the page has come to, once it is this one. */
async function shows(page: Parameters<Parameters<typeof onPageAt>[1]>[0], step: number) {
  for (let tries = 0; ; tries++) {
    const text = (await page.locator('#live span').first().textContent()) ?? ''
    const shown = Number(text.replaceAll('\u202f', '').match(/\d+/)?.[0] ?? 0)
    if (shown >= step || tries > 300) return shown
    await wait(500)
  }
}

/** What the server holds; Linux says so. */
function resident(): number {
  return (
    Number(/VmRSS:\s*(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8'))![1]) / 1024
  )
}
