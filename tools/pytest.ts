import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'

const folder = 'python/tests'
const report = 'out/pytest.xml'

export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

/** Files of the Python package's tests whose path has one of the patterns in it; all of them without patterns. */
export function pythonFiles(patterns: readonly string[]): string[] {
  return readdirSync(folder)
    .filter((name) => /^test_.*\.py$/.test(name))
    .map((name) => `${folder}/${name}`)
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => path.includes(pattern)))
    .sort()
}

/** Runs them with pytest, which says on stdout what it does and why it skips. */
export function runPython(files: readonly string[]): Counts {
  const none = { passed: 0, failed: 0, skipped: 0 }
  if (files.length === 0) return none
  if (spawnSync('python3', ['-c', 'import msgpack, numpy, pytest']).status !== 0) {
    console.log(`${folder} (skipped: python3 with msgpack, numpy and pytest is not here)\n`)
    return { ...none, skipped: files.length }
  }
  mkdirSync('out', { recursive: true })
  rmSync(report, { force: true })
  const options = ['-q', '-rs', '-p', 'no:cacheprovider', '-c', 'python/pyproject.toml']
  const args = ['-B', '-m', 'pytest', ...options, `--junitxml=${report}`, ...files]
  const { status } = spawnSync('python3', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (!existsSync(report)) return { ...none, failed: 1 }
  const counts = countsOf(readFileSync(report, 'utf8'))
  // Whatever else made it fail, such as a file that cannot be collected, must not pass unseen.
  return status !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

function countsOf(xml: string): Counts {
  const count = (name: string): number =>
    Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(xml)?.[1])
  const failed = count('errors') + count('failures')
  const skipped = count('skipped')
  return { passed: count('tests') - failed - skipped, failed, skipped }
}
