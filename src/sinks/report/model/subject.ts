import { companions, type Figure } from '../../../spec/figures.ts'
import { shareDigits } from '../../../stage/words.ts'
import { rangeOf, told } from './numbers.ts'
import type { Picture, RunPicture, ScopePicture, SectionPicture, Told } from './picture.ts'
import type { Known } from './series.ts'

/** One scope of one section of one run. A figure is drawn from it. */
export interface Subject {
  readonly run: RunPicture
  readonly section: SectionPicture
  readonly told: Told
  readonly scope: ScopePicture
  /** Prefix of the ids of its charts. */
  readonly id: string
}

export interface NamedFigure {
  readonly name: string
  readonly figure: Figure
}

/** First and last step on a run's axis. */
export function spanOf({ from, step }: RunPicture): readonly [number, number] {
  return from < step ? [from, step] : [step - 1, step]
}

/** The figures of a section that are shown by themselves and have a value. */
export function shownFigures({ told: { figures }, scope }: Subject): NamedFigure[] {
  const beside = companions(figures)
  return Object.entries(figures).flatMap(([name, figure]) => {
    const value = scope.values[name]
    return beside.has(name) || value === undefined ? [] : [{ name, figure }]
  })
}

/** A line's value at each step; if several points were merged, `values` has the least and `high` the greatest. */
export function lineOf(
  { scope }: Subject,
  key: string | undefined
): { readonly values: readonly Known[]; readonly high: readonly Known[] } | undefined {
  const lines = scope.series?.lines
  if (!lines || key === undefined || !Object.hasOwn(lines, key)) return undefined
  const { low, high } = lines[key]!
  return low.some((value) => value !== null) ? { values: low, high } : undefined
}

export function stepsOf({ scope }: Subject): readonly number[] {
  return scope.series?.steps ?? []
}

/** How a figure is computed, in its stage's words. */
export function computedBy({ told: { summary }, section: { stage } }: Subject): string {
  return `By ${stage}: ${summary}`
}

/** What a figure is compared with, in a few words. */
export function besideOf(
  { told: { figures }, scope: { values } }: Subject,
  figure: Figure
): string {
  if (figure.null !== undefined) {
    const own = figures[figure.null]!
    const scatter = figure.scatter === undefined ? undefined : values[figure.scatter]
    const value = values[figure.null]
    if (typeof value !== 'number') return 'null not known'
    const format = own.kind === 'share' ? percentWithin : within
    return `null ${format(value, scatter)}`
  }
  if (figure.interval !== undefined) {
    const range = values[figure.interval]
    return Array.isArray(range) ? `95 %: ${rangeOf(figure, range)}` : 'no interval'
  }
  return 'no null'
}

function within(value: number, scatter: unknown): string {
  return typeof scatter === 'number' ? `${told(value)} ± ${told(scatter, 2)}` : told(value)
}

function percentWithin(value: number, scatter: unknown): string {
  if (typeof scatter !== 'number') return `${(100 * value).toFixed(1)}\u00a0%`
  const digits = shareDigits(scatter)
  return `${(100 * value).toFixed(digits)} ± ${(100 * scatter).toFixed(digits)}\u00a0%`
}

/** The scopes of each section of a run, in the order of the pipeline. */
export function sectionsOf({ told }: Picture, run: RunPicture): Subject[][] {
  const before = `run-${run.number}`
  return run.sections.map((section, i) =>
    section.scopes.map((scope, j) => ({
      run,
      section,
      told: told[section.type]!,
      scope,
      id: j === 0 ? `${before}-${i + 1}` : `${before}-${i + 1}-${j + 1}`,
    }))
  )
}

/** The only scope of each section that has just one. */
export function wholes(picture: Picture, run: RunPicture): Subject[] {
  return sectionsOf(picture, run).flatMap((subjects) => (subjects.length === 1 ? subjects : []))
}
