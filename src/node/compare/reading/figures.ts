import type { Summary, SummarySpecs } from '../../../engine/summary.ts'
import type { AnyValues, Figures, Interval, Matrix, SpectrumFigure } from '../../../spec/figures.ts'
import { isObject } from '../../../spec/parse.ts'

/** A spectrum at one step of its run. */
export interface Spectrum {
  readonly points: readonly (readonly [re: number, im: number])[]
  /** The energy of each eigenvalue's mode, if known. */
  readonly energies: readonly number[] | undefined
  /** Number of the trainer's steps between recorded steps. */
  readonly spacing: number
  /** The steps that it covers. */
  readonly window: Interval | null
  /** The mode of each eigenvalue in the weights, with real and imaginary parts by row, if known. */
  readonly shapes?: Matrix | undefined
  /** Figures that must be equal for spectra to be comparable, by their titles. */
  readonly alike: ReadonlyMap<string, unknown>
}

/** What can be compared between runs, by kind of figure. No stage is mentioned here. */
export type Comparable =
  | { readonly kind: 'spectrum' | 'modes' | 'span'; readonly value: Spectrum }
  | { readonly kind: 'matrix' | 'parts'; readonly value: Matrix }

/** Kinds that have a value per weight. Runs with different weights cannot be compared by them. */
export const isOfWeights = ({ kind }: Comparable): boolean => kind === 'modes' || kind === 'span'

export interface Named {
  /** `<stage> <figure>`, and the scope if it is not the model. */
  readonly name: string
  /** Undefined if the run has no value so far. */
  readonly comparable: Comparable | undefined
}

/**
 * What can be compared in a summary: spectra with a row of details for each eigenvalue, and matrices, including those that have
 * no value yet.
 */
export function comparablesOf(summary: Summary, specs: SummarySpecs): Named[] {
  const figures: Figures = specs.get(summary.type)?.figures ?? {}
  const shapes = new Set(
    Object.values(figures).map((spec) => (spec.kind === 'spectrum' ? spec.shapes : undefined))
  )
  return Object.entries(figures).flatMap(([figure, spec]): Named[] => {
    const { stage, scope, values } = summary
    const name = [stage, figure, ...(scope === 'model' ? [] : [`(${scope})`])].join(' ')
    if (spec.kind === 'spectrum' && spec.details !== undefined) {
      const value = spectrumOf(figure, spec, figures, values)
      const isShaped = value ? value.shapes !== undefined : spec.shapes !== undefined
      const kinds = isShaped ? (['spectrum', 'modes', 'span'] as const) : (['spectrum'] as const)
      return kinds.map((kind) => ({
        name: kind === 'spectrum' ? name : `${name}, ${called[kind]}`,
        comparable: value && { kind, value },
      }))
    }
    if (shapes.has(figure)) return []
    const value = values[figure] as Matrix | null | undefined
    if (spec.kind !== 'matrix') return []
    if (!value || value.values.length === 0) return [{ name, comparable: undefined }]
    const [rows, columns] = [unwrapped(value.rows), unwrapped(value.columns)]
    const kind = spec.compared ?? 'matrix'
    return [{ name, comparable: { kind, value: { ...value, rows, columns } } }]
  })
}

const called = { modes: 'with modes', span: 'span of modes' } as const

function spectrumOf(
  name: string,
  { details, window, spacing, alike = [], shapes }: SpectrumFigure,
  figures: Figures,
  values: AnyValues
): Spectrum | undefined {
  const points = values[name] as Spectrum['points'] | null | undefined
  if (!points || points.length === 0) return undefined
  const own = spacing === undefined ? Number.NaN : values[spacing]
  return {
    points,
    energies: energiesOf(points, figures[details!]!, values[details!]),
    spacing: typeof own === 'number' && own > 0 ? own : 1,
    window: window === undefined ? null : ((values[window] as Interval | undefined) ?? null),
    shapes: shapes === undefined ? undefined : ((values[shapes] as Matrix | null) ?? undefined),
    alike: new Map(alike.map((other) => [figures[other]!.title, values[other]])),
  }
}

/** The energy of each eigenvalue: the share in its row of the details, of which each of a conjugate pair gets half. */
function energiesOf(
  points: Spectrum['points'],
  details: Figures[string],
  rows: unknown
): number[] | undefined {
  if (details.kind !== 'table' || !Array.isArray(rows)) return undefined
  const column = Object.entries(details.columns).find(([, { kind }]) => kind === 'share')?.[0]
  let row = -1
  const energies = points.map(([, im]) => {
    if (im >= 0) row++
    const cells: unknown = rows[row]
    const share = column !== undefined && isObject(cells) ? cells[column] : undefined
    return typeof share === 'number' ? share / (im === 0 ? 1 : 2) : Number.NaN
  })
  return energies.every(Number.isFinite) ? energies : undefined
}

/** Prefixes that DistributedDataParallel and torch.compile put before all names of a model. */
const wrapper = /^(module|_orig_mod)\./

/** Names without such prefixes. */
export function unwrapped(names: readonly (string | number)[]): readonly (string | number)[] {
  const isWrapped = names.length > 0 && names.every((name) => wrapper.test(String(name)))
  return isWrapped ? unwrapped(names.map((name) => String(name).replace(wrapper, ''))) : names
}
