import { formatPath, type Path } from '../../spec/path.ts'

/** The first difference between two settings as plain data, in words: `stages[0].rank is 8, expected 16`. */
export function firstDifference(got: unknown, expected: unknown, path: Path = []): string {
  if (isBranch(got) && isBranch(expected)) {
    for (const key of Object.keys({ ...got, ...expected })) {
      const [a, b] = [got[key], expected[key]]
      const step = Array.isArray(got) ? Number(key) : key
      if (JSON.stringify(a) !== JSON.stringify(b)) return firstDifference(a, b, [...path, step])
    }
  }
  const [a, b] = [got, expected].map((value) => JSON.stringify(value) ?? 'not set')
  return `${formatPath(path)} is ${a}, expected ${b}`
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
