import { markdownTable, markdownText } from '../../node/markdown.ts'
import type { AnyValues, Figure, Graph, Histogram, Lines, Matrix } from '../../spec/figures.ts'
import { cell, list } from '../table/cells.ts'
import { greyPng } from './png.ts'
import type { Part } from './protobuf.ts'
import { type Bins, histogram, image, scalar, text } from './values.ts'

/** How many scalars of a list, and rows of a table, are shown. Nobody looks at more charts. */
const most = 16
/** Largest width or height of an image, in pixels. */
const mostPixels = 512

/** What TensorBoard shows for a figure: scalars, a histogram, an image or a text. */
export function draw(tag: string, figure: Figure, value: unknown): Part[] {
  if (value === null || value === undefined) return []
  switch (figure.kind) {
    case 'scalar':
    case 'share':
    case 'count':
      return numbers([[tag, value]])
    case 'interval':
      return figure.over === 'rank'
        ? numbers(ranked(tag, value).flatMap(([own, pair]) => ends(own, pair)))
        : numbers(ends(tag, value))
    case 'rank':
      return numbers(ranked(tag, value))
    case 'steps': {
      const { values } = value as Lines
      const last = values.map((line) => line.at(-1))
      return numbers(last.length === 1 ? [[tag, last[0]]] : ranked(tag, last))
    }
    case 'spectrum':
      return numbers(
        ranked(tag, value).flatMap(([own, point]): [string, unknown][] => {
          const [real, imaginary] = list(point)
          return [
            [`${own}/real`, real],
            [`${own}/imaginary`, imaginary],
          ]
        })
      )
    case 'histogram':
      return [histogram(tag, binsOf(value as Histogram))]
    case 'matrix':
      return imageOf(tag, value as Matrix)
    case 'table': {
      const columns = Object.entries(figure.columns)
      const rows = list(value).slice(0, most) as readonly AnyValues[]
      return [
        text(
          tag,
          markdownTable([
            columns.map(([, { title }]) => title),
            ...rows.map((row) => columns.map(([name, own]) => cell(own, row[name]))),
          ])
        ),
      ]
    }
    case 'graph': {
      const { states, transitions } = value as Graph
      const rows = transitions.map(({ from, to, count }) => [
        states[from]!,
        states[to]!,
        `${count}`,
      ])
      return [text(tag, markdownTable([['from', 'to', 'times'], ...rows.slice(0, most)]))]
    }
    case 'verdict':
    case 'text':
      return [text(tag, markdownText(String(value)))]
  }
}

function numbers(entries: readonly (readonly [string, unknown])[]): Part[] {
  return entries.flatMap(([tag, value]) =>
    typeof value === 'number' && Number.isFinite(value) ? [scalar(tag, value)] : []
  )
}

/** The first values of a list, under tags that sort by rank. */
function ranked(tag: string, values: unknown): [string, unknown][] {
  return list(values)
    .slice(0, most)
    .map((value, i) => [`${tag}/${String(i + 1).padStart(2, '0')}`, value])
}

function ends(tag: string, interval: unknown): [string, unknown][] {
  const [low, high] = list(interval)
  return [
    [`${tag}/low`, low],
    [`${tag}/high`, high],
  ]
}

/** The counts do not say where values lie in their bins, so the sums use the middles of the bins. */
function binsOf({ edges, counts }: Histogram): Bins {
  const middles = counts.map((_, i) => (edges[i]! + edges[i + 1]!) / 2)
  const sum = (of: (middle: number) => number) =>
    counts.reduce((total, count, i) => total + count * of(middles[i]!), 0)
  return {
    min: edges[0] ?? 0,
    max: edges.at(-1) ?? 0,
    count: sum(() => 1),
    sum: sum((middle) => middle),
    squares: sum((middle) => middle * middle),
    limits: edges.slice(1),
    counts,
  }
}

/** A matrix as a grey image, its largest value white, with one or more pixels per cell. */
function imageOf(tag: string, { rows, columns, values }: Matrix): Part[] {
  if (rows.length === 0 || columns.length === 0) return []
  if (Math.max(rows.length, columns.length) > mostPixels) return []
  const scale = Math.max(1, Math.floor(256 / Math.max(rows.length, columns.length)))
  const known = values.flat().filter(Number.isFinite)
  const low = Math.min(0, ...known)
  const range = Math.max(...known, 0) - low || 1
  const [width, height] = [columns.length * scale, rows.length * scale]
  const pixels = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = values[Math.floor(y / scale)]![Math.floor(x / scale)]!
      const shade = Number.isFinite(value) ? (255 * (value - low)) / range : 0
      pixels[y * width + x] = Math.round(shade)
    }
  }
  return [image(tag, greyPng(pixels, width, height), width, height)]
}
