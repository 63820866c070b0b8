/** A line of a chart. */
export interface Series {
  readonly name: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly dashed?: boolean
  /** Dots in place of a line. */
  readonly dots?: boolean
  /** Series of one colour belong together; default: each has its own. */
  readonly colour?: number
}

export interface Axes {
  readonly title: string
  readonly x: string
  readonly y: string
}

const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#444444']
const [width, height, left, right, top, bottom] = [720, 400, 64, 190, 36, 48]

/** An SVG picture of lines or dots over linear axes. */
export function chart({ title, x, y }: Axes, series: readonly Series[]): string {
  const points = series.flatMap((own) => own.points)
  const across = scale(
    points.map(([value]) => value),
    left,
    width - right
  )
  const up = scale(
    points.map(([, value]) => value),
    height - bottom,
    top
  )
  const lines = series.map(({ points, dashed, dots, colour }, i) => {
    if (dots) return points.map(([a, b]) => dot(across.at(a), up.at(b), colour ?? i)).join('')
    const path = points.map(([a, b]) => `${across.at(a)},${up.at(b)}`).join(' ')
    const dash = dashed ? ' stroke-dasharray="5 4"' : ''
    return `<polyline fill="none" stroke="${pick(colour ?? i)}" stroke-width="1.6"${dash} points="${path}"/>`
  })
  const names = series.map(({ name, dashed, dots, colour }, i) => {
    const at = top + 8 + 18 * i
    const dash = dashed ? ' stroke-dasharray="5 4"' : ''
    const from = width - right + 14
    const mark = dots
      ? dot(from + 11, at, colour ?? i)
      : `<line x1="${from}" x2="${from + 22}" y1="${at}" y2="${at}" stroke="${pick(colour ?? i)}" stroke-width="1.6"${dash}/>`
    return mark + text(from + 28, at + 4, name, 'start')
  })
  const grid = [
    ...across.ticks.map((tick) => text(across.at(tick), height - bottom + 18, label(tick))),
    ...up.ticks.map((tick) => {
      const at = up.at(tick)
      return `<line x1="${left}" x2="${width - right}" y1="${at}" y2="${at}" stroke="#ddd"/>${text(left - 8, at + 4, label(tick), 'end')}`
    }),
  ]
  const middle = (left + width - right) / 2
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(middle, 20, title),
    ...grid,
    text(middle, height - 10, x),
    `<g transform="rotate(-90 16 ${height / 2})">${text(16, height / 2, y)}</g>`,
    ...lines,
    ...names,
    '</svg>',
  ].join('\n')}\n`
}

/** From values to places, and round values within. */
function scale(values: readonly number[], from: number, to: number) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  const span = high - low || 1
  const at = (value: number): number =>
    Math.round(10 * (from + ((value - low) / span) * (to - from))) / 10
  const rough = span / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10)
  const ticks: number[] = []
  for (let tick = Math.ceil(low / step) * step; tick <= high; tick += step) ticks.push(tick)
  return { at, ticks }
}

const pick = (index: number): string => colours[index % colours.length]!
const dot = (x: number, y: number, colour: number): string =>
  `<circle cx="${x}" cy="${y}" r="2.5" fill="${pick(colour)}" fill-opacity="0.7"/>`
const label = (value: number): string => String(Number(value.toPrecision(6)))
const escaped = (words: string): string => words.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

function text(x: number, y: number, words: string, anchor = 'middle'): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}" fill="#222">${escaped(words)}</text>`
}
