// Runs the test files that its parent sends, one at a time, with uvu.
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type Counts, mark } from './lane.ts'

type Run = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>

// Node 20 has relaxed SIMD behind this flag; later ones always. So `fast` is tested everywhere.
setFlagsFromString('--experimental-wasm-relaxed-simd')

// What uvu's own command line sets, so that a file registers its suites and starts none.
const uvu = globalThis as unknown as { UVU_QUEUE: Run[][]; UVU_INDEX: number; UVU_DEFER: number }
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []
uvu.UVU_INDEX = 0

process.on('message', async (file: string) => {
  const counts = await run(file)
  process.stdout.write(`${mark}${JSON.stringify(counts)}\n`)
})
// Whatever a test left behind must not keep the process from ending.
process.on('disconnect', () => process.exit())

async function run(file: string): Promise<Counts> {
  const suites: Run[] = []
  uvu.UVU_QUEUE[0] = suites
  const counts = { passed: 0, failed: 0, skipped: 0 }
  try {
    await import(join(process.cwd(), 'test', file))
    if (suites.length === 0) throw new Error('it registers no test: does it call .run()?')
    for (const suite of suites) {
      const [errors, passed, skipped, total] = await suite()
      if (errors !== true) console.log(`\n${errors}`)
      counts.passed += passed
      counts.skipped += skipped
      counts.failed += total - passed
    }
  } catch (error) {
    console.log(error)
    counts.failed++
  }
  return counts
}
