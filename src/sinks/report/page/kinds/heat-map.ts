import type { Matrix } from '../../../../spec/figures.ts'
import { isKnown } from '../../model/numbers.ts'
import { s } from '../dom.ts'

/** How many rows are drawn. The table has the others. */
export const mostRows = 64
const tallest = 16
const namesHeight = 20
/** Width of the widest letter of a name, in px. */
const letter = 7
/** Largest size of a matrix that has the same names on both axes. */
const side = 420

/** The range of magnitudes that the shades of a matrix cover. */
export interface Ends {
  readonly least: number
  readonly most: number
}

/** The range begins at 0, or at the least magnitude if all are within a factor of two. */
export function endsOf(cells: readonly (readonly number[])[]): Ends {
  const sizes = cells.flat().filter(isKnown).map(Math.abs)
  const most = sizes.reduce((a, b) => Math.max(a, b), 1e-300)
  const least = sizes.reduce((a, b) => Math.min(a, b), most)
  return { least: least > most / 2 && least < most ? least : 0, most }
}

/** One of ten shades of one hue. The palest one stands for 0 and for unknown values. */
export function shade(cell: number, { least, most }: Ends): number {
  if (!isKnown(cell) || cell === 0) return 0
  return Math.min(9, Math.max(1, Math.ceil((9 * (Math.abs(cell) - least)) / (most - least))))
}

/** A matrix as shaded cells, with as many names of rows and columns as fit. It is square if both axes have the same names. */
export function heatMap(
  { rows, columns }: Matrix,
  cells: readonly (readonly number[])[],
  ends: Ends,
  width: number,
  label: string
): SVGSVGElement {
  const shown = cells.slice(0, mostRows)
  const names = shown.map((_, i) => short(String(rows[i]), width / 3))
  const left = 8 + letter * names.reduce((longest, name) => Math.max(longest, name.length), 0)
  const isSquare = String(rows) === String(columns)
  const plot = isSquare ? Math.min(width - left, side) : width - left
  const wide = plot / Math.max(1, columns.length)
  const high = isSquare ? wide : Math.min(tallest, (1.5 * side) / shown.length)
  const bottom = shown.length * high
  const everyRow = Math.ceil(tallest / high)
  const longest = columns.reduce<number>((most, name) => Math.max(most, `${name}`.length), 0)
  const everyColumn = Math.ceil((letter * (longest + 1)) / wide)
  return s(
    'svg',
    { width, height: bottom + namesHeight, role: 'img', 'aria-label': label },
    shown.flatMap((row, i) =>
      row.flatMap((cell, j) => {
        const level = shade(cell, ends)
        const at = { x: left + j * wide, y: i * high, width: wide + 0.3, height: high + 0.3 }
        return level === 0 ? [] : [s('rect', { class: `heat-${level}`, ...at })]
      })
    ),
    s('rect', { class: 'box', x: left, y: 0, width: plot, height: bottom }),
    names.flatMap((name, i) => {
      if (i % everyRow > 0) return []
      const at = { x: left - 6, y: (i + 0.5) * high + 4, 'text-anchor': 'end' }
      return [s('text', at, name)]
    }),
    columns.flatMap((name, j) => {
      if (j % everyColumn > 0) return []
      const at = { x: left + (j + 0.5) * wide, y: bottom + 15, 'text-anchor': 'middle' }
      return [s('text', at, String(name))]
    })
  )
}

/** Keeps the end of a name, because it distinguishes layers. */
function short(name: string, width: number): string {
  const most = Math.max(4, Math.floor(width / letter))
  return name.length > most ? `…${name.slice(1 - most)}` : name
}
