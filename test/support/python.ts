import { spawnSync } from 'node:child_process'

/** Whether Python has all of these modules; where not, says what is skipped. */
export function hasPython(...modules: string[]): boolean {
  const { status } = spawnSync('python3', ['-c', `import ${modules.join(', ')}`])
  if (status !== 0) console.log(`  (skipped: python3 with ${modules.join(', ')} is not here)`)
  return status === 0
}

/** What a Python program prints as JSON. */
export function python<T>(program: string, ...args: string[]): T {
  const { status, stdout, stderr } = spawnSync('python3', ['-', ...args], {
    input: program,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as T
}
