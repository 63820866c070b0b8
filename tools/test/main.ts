// Runs test files with uvu, and those of the Python package with pytest: `npm test [-- pattern ...]`. With `--fast` it leaves out
// pytest, and files that start trainings, browsers, other runtimes or many processes. It runs as many files at a time as there
// are processors. It fails if a file registers no test, a pattern matches no file, or a file does not finish. The last line is `N
// passed, N failed, N skipped`.
import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { type Counts, Lane, type Result } from './lane.ts'
import { pythonFiles, runPython } from './pytest.ts'

const fast = process.argv.includes('--fast')
const patterns = process.argv.slice(2).filter((argument) => argument !== '--fast')
const slow =
  /^(acceptance|evidence|examples|node\/(cli|train|threads|use|pipelines)|runtimes|tfjs|edge\/(storm|stores|damage)|components|package|wire\/(fuzz|python))/

const files = testFiles('test')
  .map((file) => relative('test', file))
  .filter((file) => patterns.length === 0 || patterns.some((pattern) => file.includes(pattern)))
  .filter((file) => !(fast && slow.test(file)))
  .sort()
const inPython = fast ? [] : pythonFiles(patterns)
for (const pattern of patterns.length > 0 ? patterns : ['']) {
  if (![...files, ...inPython].some((file) => file.includes(pattern))) {
    console.error(`no test file matches "${pattern}"`)
    process.exit(1)
  }
}

// Long files run first, so that no processor waits for one at the end.
const waiting = [
  ...files.filter((file) => slow.test(file)),
  ...files.filter((file) => !slow.test(file)),
]
const slots = Math.min(availableParallelism(), waiting.length + Math.sign(inPython.length))
const counts = (await Promise.all(Array.from({ length: slots }, slot))).reduce(sum)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0

/** Runs waiting files until there are none. The first slot begins with pytest. */
async function slot(_: unknown, index: number): Promise<Counts> {
  let counts = { passed: 0, failed: 0, skipped: 0 }
  if (index === 0 && inPython.length > 0) counts = sum(counts, print(await runPython(inPython)))
  const lane = new Lane()
  for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
    counts = sum(counts, print(await lane.run(file)))
  }
  await lane.end()
  return counts
}

function print(result: Result): Counts {
  process.stdout.write(`${result.text}\n`)
  return result
}

function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  }
}

function testFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : testFiles(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}
