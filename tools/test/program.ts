// Runs the test files that its parent process sends, one at a time, with uvu.
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { type Counts, mark } from './lane.ts'

type Run = () => Promise<[errors: string | true, passed: number, skipped: number, total: number]>

// In Node 20, relaxed SIMD needs this flag. Later versions always have it. So `fast` is tested in all of them.
setFlagsFromString('--experimental-wasm-relaxed-simd')

// uvu's own command line sets these too. They make a file register its suites without running them.
const uvu = globalThis as unknown as { UVU_QUEUE: Run[][]; UVU_INDEX: number; UVU_DEFER: number }
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []
uvu.UVU_INDEX = 0

process.on('message', async (file: string) => {
  const counts = await run(file)
  process.stdout.write(`${mark}${JSON.stringify(counts)}\n`)
})
// Nothing that a test has left behind may keep the process alive.
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
