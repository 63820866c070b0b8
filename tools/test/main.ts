// Runs test files with uvu, and those of the Python package with pytest: `npm test [-- pattern ...]`, or with `--fast` all
// but pytest's and those that start trainings, browsers, other runtimes and long series of processes. As many files run at a
// time as there are processors. Fails when a file registers no test, when a pattern matches none, or when a file does not
// finish; ends with `N passed, N failed, N skipped`.
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

// What takes long goes first, so that no processor waits for it at the end.
const waiting = [
  ...files.filter((file) => slow.test(file)),
  ...files.filter((file) => !slow.test(file)),
]
const slots = Math.min(availableParallelism(), waiting.length + Math.sign(inPython.length))
const counts = (await Promise.all(Array.from({ length: slots }, slot))).reduce(sum)
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
process.exitCode = counts.failed > 0 ? 1 : 0

/** Runs what waits, until nothing does; the first slot begins with pytest. */
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
