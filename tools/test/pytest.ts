import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import type { Counts, Result } from './lane.ts'

const folder = 'python/tests'
const report = 'out/pytest.xml'

/** The Python package's test files whose paths contain one of the patterns. Without patterns, all of them. */
export function pythonFiles(patterns: readonly string[]): string[] {
  return readdirSync(folder)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map((name) => `${folder}/${name}`)
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .sort()
}

/** Runs them with pytest. */
export async function runPython(files: readonly string[]): Promise<Result> {
  const none = { passed: 0, failed: 0, skipped: 0 }
  const needed = await run(['-c', 'import msgpack, numpy, pytest'])
  if (needed.status !== 0) {
    const text = `${folder} (skipped: python3 with msgpack, numpy and pytest is not here)\n`
    return { ...none, skipped: files.length, text }
  }
  mkdirSync('out', { recursive: true })
  rmSync(report, { force: true })
  const options = ['-q', '-rs', '-p', 'no:cacheprovider', '-c', 'python/pyproject.toml']
  const { status, text } = await run([
    ...['-B', '-m', 'pytest', ...options, `--junitxml=${report}`],
    ...files,
  ])
  const counts = existsSync(report) ? countsOf(readFileSync(report, 'utf8')) : none
  // Other failures, such as a file that cannot be collected, must not go unnoticed.
  return { ...counts, failed: counts.failed || Math.sign(status ?? 1), text }
}

function run(args: readonly string[]): Promise<{ status: number | null; text: string }> {
  const child = spawn('python3', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
    })
  }
  return new Promise((done) => {
    child.once('error', () => done({ status: 1, text }))
    child.once('close', (status) => done({ status, text }))
  })
}

function countsOf(xml: string): Counts {
  const count = (name: string): number =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1])
  const failed = count('errors') + count('failures')
  const skipped = count('skipped')
  return { passed: count('tests') - failed - skipped, failed, skipped }
}
