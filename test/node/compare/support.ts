import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spectrum } from '../../../src/node/compare/figures.ts'

export type Points = Spectrum['points']

/** What `--json` prints, as far as the tests look at it. */
export interface Told {
  readonly verdicts: readonly { groups: [string, string]; verdict: string; says: string }[]
  readonly comparisons: readonly {
    figure: string
    groups: [string, string]
    runs: [number, number]
    between: number
    within: [number | null, number | null]
    excess: number
    windows?: number
    test?: { p: number; least: number; permutations: number; exact: boolean }
    swaps?: { p: number; swaps: number }
    verdict: string
  }[]
  readonly refused: readonly { refused: string }[]
}

/** Eigenvalues as Redman et al. (2024) released them. */
export const released: Readonly<Record<'omd' | 'ogd' | 'bisection', Points>> = JSON.parse(
  readFileSync(new URL('../../golden/redman.json', import.meta.url), 'utf8')
).eigenvalues

/** A line that a run with these eigenvalues would have stored. */
export function lineOf(run: string, points: Points, values: object = {}): string {
  const all = { eigenvalues: points, spacing: 1, delayed: 4, ...values }
  const place = { scope: 'model', member: 0, step: 99, frames: 100 }
  const summary = { schema: 'thalweg.summary/1', run, stage: 'koopman', type: 'koopman', ...place }
  return `${JSON.stringify({ ...summary, values: all, alerts: [] })}\n`
}

/** A folder that goes when the tests end, and how files get into it. */
export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), 'thalweg-'))
  return {
    folder,
    put(name: string, content: string | Uint8Array): string {
      const path = join(folder, name)
      writeFileSync(path, content)
      return path
    },
    remove: () => rmSync(folder, { recursive: true }),
  }
}
