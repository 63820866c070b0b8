import type { Values } from '../../engine/stage.ts'
import type { Summary } from '../../engine/summary.ts'
import { counted, figure, grouped } from '../../node/numbers.ts'
import { columns } from '../../node/text.ts'
import type { Json } from '../../wire/frame.ts'

/** Most rows of one kind; what is left out is counted. */
const most = 24

/** How a stage type is shown: all of its figures in one scope, or one row for each of many scopes. */
interface Section {
  readonly whole: (values: Values) => readonly string[]
  readonly header: readonly string[]
  readonly row: (values: Values) => readonly string[]
}

const sections: Readonly<Record<string, Section>> = {
  svd: {
    whole: (values) => [
      numbered(
        ['', 'singular value', 'at most', 'estimated error', 'of all energy'],
        list(values.singularValues).map((value, i) => [
          show(value),
          show(list(values.upperBounds)[i]),
          show(list(values.estimatedErrors)[i], 2),
          percent(squared(value) / Number(values.energy)),
        ])
      ),
      `captured ${percent(values.captured)}, by a random walk ${percent(values.capturedNull)}; effective rank ${rank(values)}`,
    ],
    header: ['largest singular value', 'captured', 'random walk', 'effective rank'],
    row: (values) => [
      show(list(values.singularValues)[0]),
      percent(values.captured),
      percent(values.capturedNull),
      rank(values),
    ],
  },
  cmd: {
    whole: (values) => [
      ...(values.modes === null ? [] : [modesTable(list(values.modes))]),
      `explained ${percent(values.explained)}, of a random walk ${percent(values.explainedNull)}; ` +
        `mean |correlation| ${show(values.meanAbsCorrelation, 3)}, random walk ${show(values.meanAbsCorrelationNull, 3)}`,
      ...membership(values),
    ],
    header: ['modes', 'explained', 'random walk', 'mean |correlation|'],
    row: (values) => [
      values.modes === null ? '–' : String(list(values.modes).length),
      percent(values.explained),
      percent(values.explainedNull),
      show(values.meanAbsCorrelation, 3),
    ],
  },
  ftle: {
    whole: (values) => [
      ...(list(values.exponents).length > 0 ? exponents(values) : []),
      `${show(values.efoldings, 2)} e-foldings; verdict: ${values.verdict}`,
    ],
    header: ['largest exponent', '95 % interval', 'e-foldings', 'verdict'],
    // Of a linear map it is ln |μ| that e-foldings and verdict speak of.
    row: ({ exponents, intervals, spectral, spectralIntervals, efoldings, verdict }) => [
      show(list(spectral ?? exponents)[0], 3),
      span(list(spectralIntervals ?? intervals)[0]),
      show(efoldings, 2),
      String(verdict),
    ],
  },
  health: {
    whole: (values) => [
      `update norm ${show(values.updateNorm)}, weight norm ${show(values.weightNorm)}, ratio ${show(values.updateRatio, 3)}`,
      ...counts(values),
    ],
    header: ['update norm', 'weight norm', 'ratio'],
    row: (values) => [
      show(values.updateNorm),
      show(values.weightNorm),
      show(values.updateRatio, 3),
    ],
  },
}

/** Any other stage: its plain figures by their names. */
const other: Section = {
  whole: (values) => [
    columns(
      Object.entries(values).flatMap(([name, value]) =>
        name === 'why' || typeof value === 'object' || value === undefined
          ? []
          : [[name, typeof value === 'number' ? show(value) : String(value)]]
      )
    ),
  ],
  header: [],
  row: () => [],
}

/** A stage's summaries as paragraphs; those that begin with two spaces are laid out already. */
export function sectionOf(summaries: readonly Summary[]): string[] {
  const [first] = summaries
  const section = sections[first!.type] ?? other
  if (summaries.length === 1) {
    const { why } = first!.values
    return [...section.whole(first!.values), ...(typeof why === 'string' ? [`why: ${why}`] : [])]
  }
  const rows = summaries.slice(0, most).map(({ scope, values }) => [scope, ...section.row(values)])
  const rest = summaries.length - rows.length
  const { why } = first!.values
  const isCommon = summaries.every(({ values }) => values.why === why)
  return [
    columns([['', ...section.header], ...rows]),
    ...(rest > 0 ? [`and ${counted(rest, 'scope')} more`] : []),
    ...(isCommon && typeof why === 'string' ? [`why: ${why}`] : []),
  ]
}

function numbered(header: readonly string[], rows: readonly (readonly string[])[]): string {
  return columns([header, ...rows.slice(0, most).map((row, i) => [String(i + 1), ...row])])
}

function modesTable(modes: readonly Json[]): string {
  return numbered(
    ['', 'weights', 'mean |correlation|', 'reference'],
    modes.map((mode) => {
      const { size, meanAbsCorrelation, reference } = mode as { [key: string]: Json }
      const { tensor, index } = reference as { tensor: string; index: number }
      return [grouped(Number(size)), show(meanAbsCorrelation, 3), `${tensor}[${index}]`]
    })
  )
}

/** Weights that are not in a mode, and how often one has changed its own. */
function membership(values: Values): string[] {
  const count = (key: string, noun: string): string[] =>
    Number(values[key]) > 0 ? [counted(Number(values[key]), noun)] : []
  const found = [
    ...count('constants', 'weight').map((weights) => `${weights} did not move`),
    ...count('unassigned', 'weight').map((weights) => `${weights} moved later, without a mode`),
    ...count('reassigned', 'change').map((changes) => `${changes} of mode so far`),
  ]
  return found.length > 0 ? [found.join('; ')] : []
}

/** Exponents with their intervals; those of a linear map over its horizon and in the long run. */
function exponents(values: Values): string[] {
  if (values.method !== 'local-linear') {
    return [
      numbered(
        ['', 'exponent per step', '95 % interval', 'steps'],
        list(values.exponents).map((value, i) => [
          show(value, 3),
          span(list(values.intervals)[i]),
          span(list(values.windows)[i]),
        ])
      ),
    ]
  }
  return [
    numbered(
      ['', `over ${show(values.horizon)} steps`, '95 % interval', 'ln |μ|', '95 % interval'],
      list(values.exponents).map((value, i) => [
        show(value, 3),
        span(list(values.intervals)[i]),
        show(list(values.spectral)[i], 3),
        span(list(values.spectralIntervals)[i]),
      ])
    ),
    `exponents per step, from steps ${span(values.window)}; ${percent(values.captured)} of the motion lies in these directions, ` +
      `${percent(values.unexplained)} of its variance is unexplained`,
  ]
}

/** An effective rank and the columns that it is out of: it can never be more, however many directions there are. */
function rank({ effectiveRank, kept }: Values): string {
  return `${show(effectiveRank)} of ${show(kept)}`
}

/** What was wrong with the frames, if anything was. */
function counts(values: Values): string[] {
  const names = {
    nonFinite: 'non-finite',
    zeroDeltas: 'zero delta',
    gaps: 'gap',
    duplicates: 'repeat',
  }
  const found = Object.entries(names).flatMap(([key, noun]) =>
    Number(values[key]) > 0 ? [counted(Number(values[key]), noun)] : []
  )
  return found.length > 0 ? [found.join(', ')] : []
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

function squared(value: Json): number {
  return Number(value) * Number(value)
}

/** A figure, or a dash where there is none. */
function show(value: Json | undefined, digits = 4): string {
  return typeof value === 'number' && Number.isFinite(value) ? figure(value, digits) : '–'
}

function percent(value: Json | undefined): string {
  return typeof value === 'number' && Number.isFinite(value) ? `${(100 * value).toFixed(1)} %` : '–'
}

function span(value: Json | undefined): string {
  const [from, to] = list(value)
  return from === undefined ? '–' : `${show(from, 3)} to ${show(to, 3)}`
}
