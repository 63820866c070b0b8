import { execFileSync } from 'node:child_process'

/** What `test/golden/phases.py` says. */
export function byNumpy(command: 'metrics' | 'likelihood', given: object): number[] {
  const input = JSON.stringify(given)
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' }
  const stdout = execFileSync('python3', ['test/golden/phases.py', command], { env, input })
  return JSON.parse(stdout.toString())
}
