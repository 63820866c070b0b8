import { distanceOf, distancesOf } from './measuring/distance.ts'
import { figuresApart, type Rules, runsApart, weightsApart } from './measuring/pairs.ts'
import { alongside } from './measuring/stretch.ts'
import { type Comparable, isOfWeights } from './reading/figures.ts'
import type { ComparedRun } from './reading/runs.ts'
import { type Permutation, permutationTest, type Spread, spreadOf } from './testing/permutation.ts'
import { type SwapControl, swapControl } from './testing/swaps.ts'

export interface Group {
  readonly name: string
  readonly runs: readonly ComparedRun[]
}

export interface Question extends Rules {
  /** Groups count as different if p is at or below this level. */
  readonly level: number
  readonly seed: number
}

/** A comparison of two groups by one figure. */
export interface Comparison extends Spread {
  readonly figure: string
  readonly kind: Comparable['kind']
  readonly groups: readonly [string, string]
  readonly runs: readonly [number, number]
  /** Number of the trainer's steps that the eigenvalues cover, if one of the runs went on for longer. */
  readonly steps?: number | undefined
  /** Distances between all runs, those of the first group first. */
  readonly distances: readonly (readonly number[])[]
  /** Present if one of the groups has two or more runs. */
  readonly test?: Permutation
  /** Present for two single spectra. */
  readonly swaps?: SwapControl
  /** Mean distance between windows of the same run. Present for two single runs whose windows are known. */
  readonly windows?: number
  readonly verdict: 'different' | 'not shown' | 'undecided'
}

/** A figure by which two groups cannot be compared, and why. `figure` is undefined if they cannot be compared at all. */
export interface Refusal {
  readonly figure?: string
  readonly groups: readonly [string, string]
  readonly refused: string
}

/** The comparisons among them, without what was refused. */
export function comparisonsOf(all: readonly (Comparison | Refusal)[]): Comparison[] {
  return all.filter((own): own is Comparison => !('refused' in own))
}

/** Finds the windows of a run for a figure. There are either none or at least two. */
export type WindowsOf = (run: ComparedRun, figure: string) => Promise<readonly Comparable[]>

/** Compares two groups by each figure that all their runs have. */
export async function compareGroups(
  a: Group,
  b: Group,
  question: Question,
  windowsOf: WindowsOf
): Promise<(Comparison | Refusal)[]> {
  const groups = [a.name, b.name] as const
  const all = [...a.runs, ...b.runs]
  const apart = firstApart(all, (own, other) => runsApart(own, other, question))
  if (apart !== undefined) return [{ groups, refused: apart }]
  const figures = new Set(all.flatMap((run) => [...run.figures.keys()]))
  if (figures.size === 0) {
    const refused =
      'They have no eigenvalues and no map: too few steps were recorded, or no stage was run that makes them.'
    return [{ groups, refused }]
  }
  const compared: (Comparison | Refusal)[] = []
  for (const figure of figures) {
    const without = all.find((run) => !run.figures.has(figure))
    if (without) {
      compared.push({ figure, groups, refused: lacking(without, figure) })
      continue
    }
    const { values, steps } = alongside(all.map(({ figures }) => figures.get(figure)!))
    const refused =
      (isOfWeights(values[0]!) ? firstApart(all, weightsApart) : undefined) ??
      firstApart(values, (own, other) => figuresApart(own, other, question))
    if (refused !== undefined) compared.push({ figure, groups, refused })
    else {
      const own = await compareFigure(figure, a, b, values, question, windowsOf)
      compared.push({ ...own, steps })
    }
  }
  return compared
}

function lacking({ run, path, lacks }: ComparedRun, figure: string): string {
  const why =
    lacks.get(figure) ??
    'give runs that were analysed by the same stages, with the same ids and options'
  return `Run "${run}" of "${path}" has none: ${why}.`
}

async function compareFigure(
  figure: string,
  a: Group,
  b: Group,
  values: readonly Comparable[],
  question: Question,
  windowsOf: WindowsOf
): Promise<Comparison> {
  const total = values.length
  const n = a.runs.length
  const distances = distancesOf(values, question.metric)
  const common = {
    figure,
    kind: values[0]!.kind,
    groups: [a.name, b.name],
    runs: [n, total - n],
    distances: Array.from({ length: total }, (_, i) => [
      ...distances.subarray(i * total, (i + 1) * total),
    ]),
    ...spreadOf(distances, total, n),
  } as const
  if (total > 2) {
    const test = permutationTest(distances, total, n, question.seed)
    const isDecided = test.least <= question.level
    const told = test.p <= question.level ? 'different' : 'not shown'
    return { ...common, test, verdict: isDecided ? told : 'undecided' }
  }
  const windows = await betweenWindows([a.runs[0]!, b.runs[0]!], figure, question, windowsOf)
  const [own, other] = values
  const swaps =
    own!.kind === 'spectrum' && other!.kind === 'spectrum'
      ? swapControl(own!.value, other!.value, question.metric)
      : undefined
  return { ...common, swaps, windows, verdict: ofTwo(common.between, swaps, windows, question) }
}

/** The verdict for two single runs. They count as different only if both the control and the runs' own windows support it. */
function ofTwo(
  between: number,
  swaps: SwapControl | undefined,
  windows: number | undefined,
  { level }: Question
): Comparison['verdict'] {
  if (between === 0 || (windows !== undefined && between <= windows)) return 'not shown'
  // With few eigenvalues there are too few swaps for such a small p.
  if (!swaps || 1 / swaps.swaps > level) return 'undecided'
  return swaps.p <= level ? 'different' : 'not shown'
}

async function betweenWindows(
  runs: readonly ComparedRun[],
  figure: string,
  question: Question,
  windowsOf: WindowsOf
): Promise<number | undefined> {
  const found: number[] = []
  for (const run of runs) {
    const windows = await windowsOf(run, figure)
    for (let i = 1; i < windows.length; i++) {
      const [earlier, later] = [windows[i - 1]!, windows[i]!]
      // The windows of a run need not cover equally many steps.
      if (figuresApart(earlier, later, { ...question, across: true }) !== undefined) continue
      found.push(distanceOf(earlier, later, question.metric))
    }
  }
  return found.length > 0 ? found.reduce((a, b) => a + b, 0) / found.length : undefined
}

/** Compares all items with the first one, and returns the first reason why one is not like it. */
export function firstApart<T>(all: readonly T[], apart: (a: T, b: T) => string | undefined) {
  for (const other of all.slice(1)) {
    const why = apart(all[0]!, other)
    if (why !== undefined) return why
  }
  return undefined
}
