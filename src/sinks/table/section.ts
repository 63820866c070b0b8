import type { Summary } from '../../engine/summary.ts'
import { columns } from '../../node/text.ts'
import { companions, type Figure, type Figures } from '../../spec/figures.ts'
import { known } from '../../spec/values.ts'
import type { SummarySpec } from '../../stage/define.ts'
import { counted } from '../../stage/words.ts'
import { cell, list } from './cells.ts'
import { figuresOf, isRanked, mostRows } from './figures.ts'

/** How many figures of a scope are shown in a table of many scopes. */
const mostCells = 4

/** A stage's summaries as paragraphs. Those that begin with two spaces already have their layout, within `width` columns. */
export function sectionOf(
  spec: SummarySpec,
  summaries: readonly Summary[],
  width: number
): string[] {
  const [first] = summaries
  const whys = new Set(summaries.map(({ values }) => values.why))
  const why = whys.size === 1 && typeof first!.values.why === 'string' ? [first!.values.why] : []
  if (summaries.length > 1) return [...scopesOf(spec.figures, summaries, width), ...why]
  const said = spec.says(known(spec.figures, first!.values)).map(({ text }) => text)
  return [...said, ...figuresOf(spec.figures, first!.values, width), ...why]
}

/** A row for each scope, with the most important figures that fit into a cell. */
function scopesOf(figures: Figures, summaries: readonly Summary[], width: number): string[] {
  const beside = companions(figures)
  const shown = Object.entries(figures)
    .filter(([name, figure]) => !beside.has(name) && fitsCell(figure))
    .slice(0, mostCells)
  const header = shown.flatMap(([, figure]) =>
    figure.null === undefined ? [figure.title] : [figure.title, 'null']
  )
  const rows = summaries.slice(0, mostRows).map(({ scope, values }) => [
    scope,
    ...shown.flatMap(([name, figure]) => {
      const value = isRanked(figure) ? list(values[name])[0] : values[name]
      const own = cell(figure, value)
      return figure.null === undefined ? [own] : [own, cell(figure, values[figure.null])]
    }),
  ])
  const rest = summaries.length - rows.length
  return [
    columns([['', ...header], ...rows], width),
    ...(rest > 0 ? [`and ${counted(rest, 'scope')} more`] : []),
  ]
}

function fitsCell({ kind }: Figure): boolean {
  return ['scalar', 'share', 'rank', 'verdict'].includes(kind)
}
