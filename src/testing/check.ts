/** One requirement on a component, and a function that throws if it is violated. */
export interface Check {
  readonly name: string
  run(): void | Promise<void>
}

/**
 * Runs all checks, so that one failure does not hide another.
 *
 * @returns the names of the checks that passed
 * @throws an Error that names every check that failed, with its reason
 */
export async function runChecks(what: string, checks: readonly Check[]): Promise<string[]> {
  const failures: string[] = []
  const passed: string[] = []
  for (const { name, run } of checks) {
    try {
      await run()
      passed.push(name)
    } catch (error) {
      failures.push(`${name}: ${error instanceof Error ? error.message : error}`)
    }
  }
  if (failures.length > 0) throw new Error(`${what}\n  ${failures.join('\n  ')}`)
  return passed
}

export function expect(holds: unknown, otherwise: string): void {
  if (!holds) throw new Error(otherwise)
}

/** Throws with the first line in which two outputs differ. */
export function expectSame(
  what: string,
  got: readonly string[],
  expected: readonly string[]
): void {
  const length = Math.max(got.length, expected.length)
  for (let i = 0; i < length; i++) {
    if (got[i] === expected[i]) continue
    const [a, b] = [got[i], expected[i]].map((line) => line?.slice(0, 300) ?? 'nothing')
    throw new Error(`${what}, line ${i + 1}: got ${a}, expected ${b}`)
  }
}

/** Whether a text is a sentence for people: it begins with a capital and ends with a full stop. */
export function isSentence(text: string): boolean {
  return /^[\p{Lu}\d"'`‖|].*[.?!]$/su.test(text)
}
