/**
 * One step line for all charts over steps. Pointing at one chart moves the line in all of them, and zooming one zooms all. Charts
 * are identified by their host, and forgotten when they leave the page.
 */
export interface StepChart {
  /** Steps for which it has values, ascending. */
  readonly steps: readonly number[]
  /** First and last step on its axis without zoom. */
  readonly span: readonly [number, number]
  /** Left and right edge of its frame, in pixels within its host. */
  readonly frame: readonly [left: number, right: number]
  /** Shows its values at a step. Without a step, shows the last values. */
  showStep(step: number | undefined): void
  /** Redraws after a zoom. */
  zoomed(): void
}

const charts = new Map<HTMLElement, StepChart>()
const listening = new WeakSet<HTMLElement>()
let current: number | undefined
let zoom: readonly [number, number] | undefined

/** First and last step that a chart shows now. */
export function shownSpan(span: readonly [number, number]): readonly [number, number] {
  return zoom ?? span
}

export function joinStepLine(host: HTMLElement, chart: StepChart): void {
  for (const other of charts.keys()) if (!other.isConnected) charts.delete(other)
  charts.set(host, chart)
  chart.showStep(current)
  if (listening.has(host)) return
  listening.add(host)
  host.addEventListener('pointermove', (event) => moveTo(stepAt(host, event)))
  host.addEventListener('pointerleave', () => moveTo(undefined))
  host.addEventListener('pointerdown', (event) => beginZoom(host, event))
  host.addEventListener('keydown', (event) => onKey(host, event))
  host.addEventListener('blur', () => moveTo(undefined))
}

function moveTo(step: number | undefined): void {
  current = step
  for (const [host, chart] of charts) {
    if (host.isConnected) chart.showStep(step)
    else charts.delete(host)
  }
}

function zoomTo(span: readonly [number, number] | undefined): void {
  zoom = span
  for (const [host, chart] of charts) {
    if (host.isConnected) chart.zoomed()
  }
}

function stepAt(host: HTMLElement, { clientX }: PointerEvent): number {
  const { frame, span } = charts.get(host)!
  const [from, to] = shownSpan(span)
  const share = (clientX - host.getBoundingClientRect().left - frame[0]) / (frame[1] - frame[0])
  return from + Math.min(1, Math.max(0, share)) * (to - from)
}

function beginZoom(host: HTMLElement, event: PointerEvent): void {
  const from = stepAt(host, event)
  host.addEventListener(
    'pointerup',
    (end) => {
      const to = stepAt(host, end)
      const moved = Math.abs(end.clientX - event.clientX)
      if (moved > 8) zoomTo([Math.min(from, to), Math.max(from, to)])
    },
    { once: true }
  )
}

function onKey(host: HTMLElement, event: KeyboardEvent): void {
  const { steps, span } = charts.get(host)!
  const [from, to] = shownSpan(span)
  const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key]
  if (event.key === 'Escape') zoomTo(undefined)
  else if (event.key === 'Home') moveTo(steps[0])
  else if (event.key === 'End') moveTo(steps.at(-1))
  else if (way === undefined) return
  else if (event.shiftKey) {
    const middle = current ?? to
    const half = ((to - from) / 2) * (way > 0 ? 0.7 : 1.43)
    const wide = 2 * half >= span[1] - span[0]
    zoomTo(wide ? undefined : [Math.max(span[0], middle - half), Math.min(span[1], middle + half)])
  } else moveTo(neighbour(steps, current, way))
  event.preventDefault()
}

function neighbour(steps: readonly number[], step: number | undefined, way: number) {
  if (step === undefined) return steps.at(way > 0 ? 0 : -1)
  return way > 0
    ? (steps.find((one) => one > step) ?? steps.at(-1))
    : (steps.findLast((one) => one < step) ?? steps[0])
}
