// Matrices whose bases have turned in known and unknown ways.
import { type Dense, dense, entry, gaussian, reflected, withValues } from '../matrices.ts'

const graded = (n: number, least: number): number[] =>
  Array.from({ length: n }, (_, i) => least ** (i / (n - 1)))

/** Pairs of matrices by name, the later one made of the earlier one. */
export function pairs(): [string, Dense, Dense][] {
  const bases: [string, Dense][] = [
    ['square', gaussian(48, 48, 1)],
    ['tall', gaussian(90, 33, 2)],
    ['wide', gaussian(20, 70, 3)],
    ['graded', withValues(64, 64, graded(64, 1.05e-6), 4)],
    ['graded, tall', withValues(100, 40, graded(40, 2e-6), 5)],
    ['of low rank', withValues(60, 40, [...graded(30, 1e-3), 3e-9, 1e-9], 6)],
    ['with dead units', dense(30, 24, (i, j) => (j % 3 ? entry(gaussian(30, 24, 7), i, j) : 0))],
  ]
  return bases.flatMap(([name, a], k): [string, Dense, Dense][] => {
    const noise = gaussian(a.rows, a.columns, 20 + k)
    const norm = (m: Dense): number => Math.hypot(...m.values)
    const share = (1e-3 * norm(a)) / norm(noise)
    const isFull = k < 5
    return [
      [`${name}, rotated`, a, reflected(reflected(a, 40 + k), 60 + k)],
      [`${name}, reflected`, a, reflected(a, 80 + k)],
      [`${name}, scaled`, a, dense(a.rows, a.columns, (i, j) => 2.5 * entry(a, i, j))],
      ...(isFull
        ? [
            [
              `${name}, moved`,
              a,
              dense(a.rows, a.columns, (i, j) => entry(a, i, j) + share * entry(noise, i, j)),
            ] as [string, Dense, Dense],
          ]
        : []),
    ]
  })
}
