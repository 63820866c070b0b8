import uPlot from 'uplot'
import type { Figure } from '../../../spec/figures.ts'
import { tickOf } from '../model/numbers.ts'
import type { Known } from '../model/series.ts'
import { type Draw, plotLeft } from './charts.ts'
import { placeLabels } from './labels.ts'
import { joinStepLine, shownSpan } from './step-line.ts'
import { type Colour, colour, pale } from './theme.ts'

/** Values over steps. If `high` is given, the range of all values in each bucket. */
export interface LineOf {
  readonly label: string
  readonly values: readonly Known[]
  readonly high?: readonly Known[]
  readonly colour: Colour
  readonly dash?: readonly number[]
  /** Draws the line thin and pale, with its smoothed values on top. */
  readonly smooth?: boolean
}

/** A filled area between two lines. */
export interface BandOf {
  readonly low: readonly Known[]
  readonly high: readonly Known[]
  readonly colour: Colour
  readonly percent: number
  /** Draws the upper edge dotted. */
  readonly edge?: boolean
}

export interface LinesOf {
  readonly steps: readonly number[]
  readonly span: readonly [number, number]
  readonly lines: readonly LineOf[]
  readonly bands?: readonly BandOf[]
  /** Fixed ends of the axis. They must contain all data, because data is never clipped. */
  readonly range?: readonly [number, number]
  readonly height?: number
  readonly kind?: Figure['kind']
  readonly format: (value: number) => string
}

/** How many characters of a tick fit to the left of a plot. */
const mostOfTick = 5
/** Weight of a new value in the smoothing. */
const weight = 0.08
/** Lines with fewer points are not smoothed. */
export const fewestSmoothed = 150

/** Draws lines over steps, each with its value at its end and at the step line. */
export function linesDraw(of: LinesOf): Draw {
  return (host, width) => {
    const right = width < 480 ? 82 : 116
    const height = of.height ?? 190
    const series: uPlot.Series[] = [{}]
    const bands: uPlot.Band[] = []
    const data: (readonly Known[])[] = [of.steps]
    const add = (values: readonly Known[], look: uPlot.Series): number => {
      data.push(values)
      return series.push({ points: { show: false }, spanGaps: false, ...look }) - 1
    }
    for (const { low, high, colour: hue, percent, edge } of of.bands ?? []) {
      const stroke = edge ? { stroke: colour(hue), width: 1, dash: [2, 3] } : { width: 0 }
      bands.push({ series: [add(high, stroke), add(low, { width: 0 })], fill: pale(hue, percent) })
    }
    for (const line of of.lines) addLine(line, add, bands)
    // A single point has no line, so it is drawn as a dot.
    if (of.steps.length === 1) for (const one of series) one.points = { show: true, size: 6 }
    const y = scaleOf(of, data.slice(1))
    letGo(host)
    host.replaceChildren()
    const plot = new uPlot(
      {
        width,
        height,
        padding: [8, right, 0, 0],
        cursor: { show: false },
        legend: { show: false },
        scales: { x: { time: false, range: () => [...shownSpan(of.span)] as [number, number] }, y },
        axes: [stepAxis(), valueAxis(of.kind, y.distr === 3)],
        series,
        bands,
      },
      data as uPlot.AlignedData,
      host
    )
    plots.set(host, plot)
    const scale = (value: number): number =>
      y.distr === 3
        ? (Math.log(value) - Math.log(y.range[0])) / (Math.log(y.range[1]) - Math.log(y.range[0]))
        : (value - y.range[0]) / (y.range[1] - y.range[0])
    const frame = [plotLeft, width - right] as const
    const labels = placeLabels(host, of, { frame, top: 8, bottom: height - 26, scale })
    joinStepLine(host, {
      steps: of.steps,
      span: of.span,
      frame,
      showStep: labels,
      zoomed: () => linesDraw(of)(host, width),
    })
  }
}

const plots = new Map<HTMLElement, uPlot>()

/** Destroys a host's plot, and the plots whose hosts have left the page. Until then a plot listens to the window. */
function letGo(host: HTMLElement): void {
  for (const [own, plot] of plots) {
    if (own.isConnected && own !== host) continue
    plot.destroy()
    plots.delete(own)
  }
}

function addLine(
  { values, high, colour: hue, dash, smooth }: LineOf,
  add: (values: readonly Known[], look: uPlot.Series) => number,
  bands: uPlot.Band[]
): void {
  const stroke = colour(hue)
  if (high?.some((value, i) => value !== values[i])) {
    const edges = [add(high, { width: 0 }), add(values, { width: 0 })] as [number, number]
    bands.push({ series: edges, fill: pale(hue, 30) })
  } else if (smooth && values.length >= fewestSmoothed) {
    add(values, { stroke: pale(hue, 40), width: 1 })
  }
  const middle = middles(values, high)
  add(smooth ? smoothed(middle) : middle, { stroke, width: 2, dash: dash && [...dash] })
}

export function middles(low: readonly Known[], high: readonly Known[] = low): Known[] {
  return low.map((value, i) => (value === null ? null : (value + high[i]!) / 2))
}

/** Exponential moving average. A short line stays as it is. */
export function smoothed(values: readonly Known[]): Known[] {
  if (values.length < fewestSmoothed) return [...values]
  let mean: number | undefined
  return values.map((value) => {
    if (value === null) return null
    mean = mean === undefined ? value : mean + weight * (value - mean)
    return mean
  })
}

/** The axis of the values. It is logarithmic if all are positive and span more than a decade. */
function scaleOf({ range }: LinesOf, data: readonly (readonly Known[])[]) {
  const values = data.flat().filter((value) => value !== null)
  const least = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const most = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  const fixed = (ends: [number, number]) => ({ range: ends, auto: false })
  if (range)
    return { ...fixed([Math.min(range[0], least), Math.max(range[1], most)]), distr: 1 as const }
  if (!(least <= most)) return { ...fixed([0, 1]), distr: 1 as const }
  if (least > 0 && most > 10 * least) {
    return { ...fixed([least / 1.15, most * 1.15]), distr: 3 as const }
  }
  const pad = most > least ? 0.06 * (most - least) : Math.abs(most) * 0.1 || 1
  const floor = least >= 0 && least < 0.4 * (most - least) ? 0 : least - pad
  return { ...fixed([floor, most + pad]), distr: 1 as const }
}

const font = '12px system-ui, sans-serif'

function stepAxis(): uPlot.Axis {
  return {
    stroke: colour('quiet'),
    font,
    size: 26,
    gap: 4,
    space: 70,
    grid: { show: false },
    ticks: { size: 4, stroke: colour('rule'), width: 1 },
    values: (_, splits) => {
      const last = splits.findLastIndex((step) => Number.isInteger(step))
      return splits.map((step, i) => {
        if (!Number.isInteger(step)) return ''
        const text = step.toLocaleString('en').replaceAll(',', '\u202f')
        return i === last ? `step ${text}` : text
      })
    },
  }
}

function valueAxis(kind: Figure['kind'] | undefined, isLog: boolean): uPlot.Axis {
  return {
    stroke: colour('quiet'),
    font,
    size: plotLeft,
    gap: 6,
    space: 34,
    grid: { stroke: colour('rule'), width: 1 },
    ticks: { show: false },
    ...(isLog ? { splits: (_, __, least, most) => decades(least, most) } : {}),
    values: (_, splits) =>
      splits.map((value) => (value === null ? '' : tickOf(kind, value, mostOfTick))),
  }
}

/** About five round numbers for a logarithmic axis. */
function decades(least: number, most: number): number[] {
  const from = Math.floor(Math.log10(least))
  const to = Math.ceil(Math.log10(most))
  const every = Math.max(1, Math.ceil((to - from) / 5))
  const steps = to - from <= 2 ? [1, 2, 5] : [1]
  const ticks: number[] = []
  for (let power = from; power <= to; power += every) {
    for (const step of steps) ticks.push(Number(`${step}e${power}`))
  }
  return ticks.filter((tick) => tick >= least && tick <= most)
}
