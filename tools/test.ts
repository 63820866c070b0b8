// Runs test files with uvu, and those of the Python package with pytest: `npm test [-- pattern ...]`, or with `--fast` all
// but pytest's and those that start trainings, browsers, other runtimes and long series of processes. Fails when a file
// registers no test, when a pattern matches none, or when nothing finishes for too long; ends with
// `N passed, N failed, N skipped`.
import { readdirSync } from 'node:fs'
import { join, relative } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { pythonFiles, runPython } from './pytest.ts'

// Node 20 has relaxed SIMD behind this flag; later ones always. So `fast` is tested everywhere.
setFlagsFromString('--experimental-wasm-relaxed-simd')

const fast = process.argv.includes('--fast')
const patterns = process.argv.slice(2).filter((argument) => argument !== '--fast')
const slow =
  /^(acceptance|evidence|examples|node\/(cli|train|threads|use|pipelines)|runtimes|tfjs|edge\/(storm|stores|damage)|components|package|wire\/(fuzz|python))/
const watchdogMs = 600_000

const files = testFiles('test')
  .map((file) => relative('test', file))
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .filter((file) => !(fast && slow.test(file)))
  .sort()
const inPython = fast ? [] : pythonFiles(patterns)
for (const pattern of patterns.length > 0 ? patterns : ['']) {
  if (![...files, ...inPython].some((file) => file.includes(pattern)))
    fail(`no test file matches "${pattern}"`)
}

interface Suites {
  UVU_QUEUE: [string, ...(() => Promise<[unknown, number, number, number]>)[]][]
  UVU_INDEX: number
  UVU_DEFER: number
}
const uvu = globalThis as unknown as Suites
uvu.UVU_DEFER = 1
uvu.UVU_QUEUE = []
const { exec } = await import('uvu')

for (const [index, file] of files.entries()) {
  uvu.UVU_INDEX = index
  uvu.UVU_QUEUE.push([file])
  await import(join(process.cwd(), 'test', file))
  if (uvu.UVU_QUEUE[index]!.length === 1)
    fail(`${relative('.', file)} registers no test: does it call .run()?`)
}

const counts = { total: 0, passed: 0, skipped: 0 }
let alive = watchdog('the first suite')
for (const suites of uvu.UVU_QUEUE) {
  const [file, ...runs] = suites
  suites.splice(
    1,
    runs.length,
    ...runs.map((run) => async () => {
      const result = await run()
      counts.total += result[3]
      counts.passed += result[1]
      counts.skipped += result[2]
      clearTimeout(alive)
      alive = watchdog(`what follows ${file}`)
      return result
    })
  )
}
await exec()
clearTimeout(alive)

const python = runPython(inPython)
const passed = counts.passed + python.passed
const failed = counts.total - counts.passed + python.failed
console.log(`${passed} passed, ${failed} failed, ${counts.skipped + python.skipped} skipped`)
process.exitCode = failed > 0 ? 1 : 0
// What a test left behind must not keep the process from ending.
setTimeout(() => process.exit(), 5000).unref()

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

function watchdog(what: string): NodeJS.Timeout {
  return setTimeout(() => fail(`${what} did not finish within ${watchdogMs / 1000} s`), watchdogMs)
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
