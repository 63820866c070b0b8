import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Spectrum } from '../../../src/node/compare/reading/figures.ts'
import { Random } from '../../../src/node/train/random.ts'
import { joined } from '../../../src/wire/joined.ts'
import { frameWriter } from '../../../src/wire/writer.ts'

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
  readonly refused: readonly { figure?: string; refused: string }[]
  readonly map?: { readonly runs: readonly { readonly run: string }[] }
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

/** A training that is recorded. */
export interface Training {
  /** Recorded steps, and steps of the trainer for each. */
  readonly steps: number
  readonly spacing?: number
  /** Of four weights each. */
  readonly tensors?: readonly string[]
  readonly frozen?: readonly string[] | undefined
  /** How fast it descends. */
  readonly speed?: number
  /** Step of a NaN. */
  readonly nan?: number
}

/** A recording of noisy descent into a bowl: weights are the same whatever tensors are called, and in whatever order they are. */
export function recording(run: string, training: Training): Uint8Array {
  const { steps, spacing = 1, tensors = ['a.weight', 'a.bias', 'b.weight'] } = training
  const { frozen = [], speed = 1, nan } = training
  const random = new Random(1, 0)
  const names = tensors.toSorted()
  const weights = names.map((_, t) => Float64Array.from({ length: 4 }, (_, i) => 1 + t + i / 4))
  const ordered = (all: readonly Float64Array[]) => tensors.map((name) => all[names.indexOf(name)]!)
  const writer = frameWriter({
    run,
    tensors: tensors.map((name) => ({
      name,
      shape: [4],
      dtype: 'f64',
      trainable: !frozen.includes(name),
    })),
  })
  const own = (frames: readonly Uint8Array[]): Uint8Array[] => frames.map((frame) => frame.slice())
  const chunks = [...own(writer.open()), ...own(writer.anchor({ step: 0, data: ordered(weights) }))]
  for (let step = spacing; step <= steps * spacing; step += spacing) {
    const deltas = weights.map((weight, t) =>
      weight.map((value, i) => -value * 0.01 * speed * (1 + t + i) + 1e-3 * random.normal())
    )
    deltas.forEach((delta, t) => {
      delta.forEach((change, i) => {
        weights[t]![i]! += change
      })
    })
    if (step === nan) deltas[0]![0] = Number.NaN
    const data = ordered(deltas)
    chunks.push(...own(writer.delta({ step, base: step - spacing, stride: spacing, data })))
  }
  return joined([...chunks, ...own(writer.close())])
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
