/**
 * Figures described as data: what a summary's `values` hold. A stage declares its figures once; its types, the JSON Schema of
 * summaries, documentation, tables and every sink read the same object.
 */

interface Told {
  /** A title for people, a few words without an article. */
  readonly title: string
  /** One sentence: what the figure means. */
  readonly means: string
  /** One sentence: when the figure misleads. */
  readonly misleads?: string
  readonly unit?: string
  readonly better?: 'higher' | 'lower' | 'neither'
  /** Whether the first screen of a report shows it, beside the trainer's own figures. */
  readonly overview?: true
  /** In words, when the figure is present, such as "with method `twin`". Without this, the figure is always present. */
  readonly when?: string
  /** Names of other figures of the same summary: this figure's null, and its scatter (one σ). */
  readonly null?: string
  readonly scatter?: string
  /** More names of figures: its upper bound, its estimated error (one σ), and its 95 % interval. */
  readonly bound?: string
  readonly error?: string
  readonly interval?: string
}

interface Kind<K extends string> extends Told {
  readonly kind: K
}

/** A number on the real line. */
export type ScalarFigure = Kind<'scalar'>
/** A part of a whole, from 0 to 1. */
export type ShareFigure = Kind<'share'>
/** A number of things: 0, 1, 2, ... */
export type CountFigure = Kind<'count'>
/** The two ends of an interval. With `over`, there is one interval per rank. */
export interface IntervalFigure extends Kind<'interval'> {
  readonly over?: 'rank'
}
/** A number for each rank: for the first, second, ... direction, vector or mode. */
export type RankFigure = Kind<'rank'>
/**
 * One or more lines over the trainer's steps. If there are several, `lines` says what each is. With `plane` the first two are the
 * coordinates of a path, in the same unit, and may be drawn as one.
 */
export interface StepsFigure extends Kind<'steps'> {
  readonly lines?: string
  readonly plane?: true
}
/**
 * Points of the complex plane. `details` names a table of the same summary with one row per point, in the same order, and only one
 * row for a conjugate pair. `window` names the interval of steps that it covers, `spacing` the trainer's steps from one recorded
 * step to the next, and `alike` further figures. Spectra of two runs can be compared if these figures and the spacing are equal.
 * `shapes` names a matrix whose columns are the points' modes in the weights, one column each for the real and the imaginary part.
 */
export interface SpectrumFigure extends Kind<'spectrum'> {
  readonly details?: string
  readonly window?: string
  readonly spacing?: string
  readonly alike?: readonly string[]
  readonly shapes?: string
}
/** Counts between edges. */
export type HistogramFigure = Kind<'histogram'>
/**
 * A number for each row and column, both labelled. `rows` and `columns` say what they are. The matrices of two runs are compared
 * entry by entry, or as `compared` says: `parts` are counts by row whose columns have no order.
 */
export interface MatrixFigure extends Kind<'matrix'> {
  readonly rows: string
  readonly columns: string
  readonly compared?: 'parts'
}
/** Rows of cells by column. */
export interface TableFigure<C extends Cells = Cells> extends Kind<'table'> {
  readonly columns: C
}
/** States and the transitions between them. */
export type GraphFigure = Kind<'graph'>
/** One of a few words, each with a sentence that explains it. */
export interface VerdictFigure<W extends string = string> extends Kind<'verdict'> {
  readonly words: { readonly [word in W]: string }
}
export type TextFigure = Kind<'text'>
/** A single weight, in cells of tables. */
export type WeightFigure = Kind<'weight'>

/** The content of a table's cell. */
export type Cell =
  | ScalarFigure
  | ShareFigure
  | CountFigure
  | IntervalFigure
  | VerdictFigure
  | TextFigure
  | WeightFigure

export type Cells = { readonly [column: string]: Cell }

export type Figure =
  | ScalarFigure
  | ShareFigure
  | CountFigure
  | IntervalFigure
  | RankFigure
  | StepsFigure
  | SpectrumFigure
  | HistogramFigure
  | MatrixFigure
  | TableFigure
  | GraphFigure
  | VerdictFigure
  | TextFigure

export type Figures = { readonly [name: string]: Figure }

export type Interval = readonly [low: number, high: number]

export interface Lines {
  readonly steps: readonly number[]
  /** One list per line, with as many values as steps. */
  readonly values: readonly (readonly number[])[]
}

export interface Histogram {
  /** Ascending. There is one more edge than counts. */
  readonly edges: readonly number[]
  readonly counts: readonly number[]
}

export interface Matrix {
  readonly rows: readonly (string | number)[]
  readonly columns: readonly (string | number)[]
  /** By row. */
  readonly values: readonly (readonly number[])[]
}

export interface Graph {
  readonly states: readonly string[]
  /** Transitions between states, given by index, each with how often it happened. */
  readonly transitions: readonly {
    readonly from: number
    readonly to: number
    readonly count: number
  }[]
}

/** A single weight: its tensor and its index in it. */
export interface Weight {
  readonly tensor: string
  readonly index: number
}

/** The value of a figure in memory. An unknown number is NaN; any other unknown value is null. */
export type FigureValue<F> = F extends { kind: 'scalar' | 'share' | 'count' }
  ? number
  : F extends { kind: 'interval'; over: 'rank' }
    ? readonly (Interval | null)[] | null
    : F extends { kind: 'interval' }
      ? Interval | null
      : F extends { kind: 'rank' }
        ? readonly number[] | null
        : F extends { kind: 'steps' }
          ? Lines | null
          : F extends { kind: 'spectrum' }
            ? readonly (readonly [re: number, im: number])[] | null
            : F extends { kind: 'histogram' }
              ? Histogram | null
              : F extends { kind: 'matrix' }
                ? Matrix | null
                : F extends { kind: 'table'; columns: infer C }
                  ? readonly { readonly [name in keyof C]: FigureValue<C[name]> }[] | null
                  : F extends { kind: 'graph' }
                    ? Graph | null
                    : F extends { kind: 'verdict'; words: infer W }
                      ? keyof W & string
                      : F extends { kind: 'text' }
                        ? string | null
                        : F extends { kind: 'weight' }
                          ? Weight | null
                          : never

type Sometimes<F> = { [K in keyof F]: F[K] extends { when: string } ? K : never }[keyof F]

/** The values of a summary with these figures. All are present, except those that have `when`. */
export type FigureValues<F> = string extends keyof F
  ? AnyValues
  : { readonly [K in Exclude<keyof F, Sometimes<F>>]: FigureValue<F[K]> } & {
      readonly [K in Sometimes<F>]?: FigureValue<F[K]>
    } & Reasons

/** Values of a component that is known only at run time. */
export type AnyValues = { readonly [name: string]: unknown }

export type Reasons = {
  /** In plain words, why unknown values are unknown. */
  readonly why?: string
}

/** Requires that figures which name other figures name existing ones. */
export type Linked<F> = {
  readonly [K in keyof F]: F[K] & {
    readonly [link in Link | 'details' | 'window' | 'spacing' | 'shapes']?: keyof F
  } & { readonly alike?: readonly (keyof F)[] }
}

type Link = 'null' | 'scatter' | 'bound' | 'error' | 'interval'

type Spec<F extends Figure> = Omit<F, 'kind'>

export const scalar = <const F extends Spec<ScalarFigure>>(figure: F) =>
  ({ kind: 'scalar', ...figure }) as const
export const share = <const F extends Spec<ShareFigure>>(figure: F) =>
  ({ kind: 'share', ...figure }) as const
export const count = <const F extends Spec<CountFigure>>(figure: F) =>
  ({ kind: 'count', ...figure }) as const
export const interval = <const F extends Spec<IntervalFigure>>(figure: F) =>
  ({ kind: 'interval', ...figure }) as const
export const overRank = <const F extends Spec<RankFigure>>(figure: F) =>
  ({ kind: 'rank', ...figure }) as const
export const overSteps = <const F extends Spec<StepsFigure>>(figure: F) =>
  ({ kind: 'steps', ...figure }) as const
export const complexSpectrum = <const F extends Spec<SpectrumFigure>>(figure: F) =>
  ({ kind: 'spectrum', ...figure }) as const
export const histogram = <const F extends Spec<HistogramFigure>>(figure: F) =>
  ({ kind: 'histogram', ...figure }) as const
export const matrix = <const F extends Spec<MatrixFigure>>(figure: F) =>
  ({ kind: 'matrix', ...figure }) as const
export const table = <const F extends Spec<TableFigure>>(figure: F) =>
  ({ kind: 'table', ...figure }) as const
export const graph = <const F extends Spec<GraphFigure>>(figure: F) =>
  ({ kind: 'graph', ...figure }) as const
export const verdict = <const F extends Spec<VerdictFigure>>(figure: F) =>
  ({ kind: 'verdict', ...figure }) as const
export const text = <const F extends Spec<TextFigure>>(figure: F) =>
  ({ kind: 'text', ...figure }) as const
export const weight = <const F extends Omit<WeightFigure, 'kind'>>(figure: F) =>
  ({ kind: 'weight', ...figure }) as const

/** Figures that are shown beside others: nulls, scatters, bounds, errors and intervals. */
export function companions(figures: Figures): Set<string> {
  const names = Object.values(figures).flatMap((figure) => [
    figure.null,
    figure.scatter,
    figure.bound,
    figure.error,
    figure.interval,
  ])
  return new Set(names.filter((name) => name !== undefined))
}
