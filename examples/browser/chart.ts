export type Point = readonly [x: number, y: number]

export interface Line {
  readonly points: readonly Point[]
  /** CSS classes. */
  readonly look?: string
}

export interface Axes {
  readonly x: readonly [number, number]
  readonly y: readonly [number, number]
  readonly log?: boolean
  /** Values that are written beside the chart. */
  readonly ticks: readonly number[]
  readonly write: (value: number) => string
  /** A range of x that is shaded. */
  readonly window?: readonly [number, number]
}

const left = 46

/** Draws lines into an SVG element of any size. */
export function drawLines(svg: SVGSVGElement, lines: readonly Line[], axes: Axes): void {
  const { width, height } = svg.getBoundingClientRect()
  const scale = (value: number) => (axes.log ? Math.log(value) : value)
  const [bottom, top] = axes.y.map(scale) as [number, number]
  const x = (value: number) =>
    left + ((value - axes.x[0]) / (axes.x[1] - axes.x[0])) * (width - left)
  const y = (value: number) =>
    height - 16 - ((scale(value) - bottom) / (top - bottom)) * (height - 22)
  const rules = axes.ticks.map(
    (tick) =>
      `<line class="rule" x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text x="${left - 8}" y="${y(tick) + 4}" text-anchor="end">${axes.write(tick)}</text>`
  )
  const ends = axes.x.map(
    (end, i) =>
      `<text x="${x(end)}" y="${height - 2}" text-anchor="${i === 0 ? 'start' : 'end'}">${end}</text>`
  )
  const [from, to] = axes.window ?? [0, 0]
  const shade = `<rect class="window" x="${x(from)}" width="${x(to) - x(from)}" y="0" height="${height - 16}"/>`
  const paths = lines.map(({ points, look = '' }) => {
    const within = points.filter(([, value]) => Number.isFinite(scale(value)))
    const path = within.map(([a, b]) => `${x(a).toFixed(1)},${y(b).toFixed(1)}`).join(' ')
    return `<polyline class="line ${look}" points="${path}"/>`
  })
  svg.innerHTML = [...rules, ...ends, axes.window ? shade : '', ...paths].join('')
}

/** Draws bars of these heights, and above each bar its highest possible value. */
export function drawBars(
  svg: SVGSVGElement,
  heights: readonly number[],
  bounds: readonly number[]
): void {
  const { width, height } = svg.getBoundingClientRect()
  const highest = Math.max(...bounds)
  const step = (width - left) / heights.length
  const y = (value: number) => height - 2 - (value / highest) * (height - 8)
  svg.innerHTML = heights
    .map((value, i) => {
      const x = left + i * step
      const bound = `x1="${x}" x2="${x + step * 0.7}" y1="${y(bounds[i]!)}" y2="${y(bounds[i]!)}"`
      return (
        `<rect class="bar" x="${x}" width="${step * 0.7}" y="${y(value)}" height="${height - 2 - y(value)}" rx="2"/>` +
        `<line class="bound" ${bound}/>`
      )
    })
    .join('')
}

/** Draws shares side by side. The opacity of each is its weight in [0, 1]. */
export function drawShares(
  svg: SVGSVGElement,
  shares: readonly number[],
  weights: readonly number[]
): void {
  const { width, height } = svg.getBoundingClientRect()
  const total = shares.reduce((a, b) => a + b, 0)
  let x = left
  svg.innerHTML = shares
    .map((share, i) => {
      const own = (share / total) * (width - left)
      const at = x
      x += own
      const label =
        own > 18
          ? `<text x="${at + own / 2}" y="${height - 4}" text-anchor="middle">${share}</text>`
          : ''
      return (
        `<rect class="bar" x="${at + 1}" width="${Math.max(0, own - 2)}" y="6" height="${height - 26}" rx="4" ` +
        `opacity="${0.15 + 0.85 * weights[i]!}"/>${label}`
      )
    })
    .join('')
}
