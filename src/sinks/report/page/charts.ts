import { h } from './dom.ts'

/** Draws into a host at its actual width. Called again when the width changes. */
export type Draw = (host: HTMLElement, width: number) => void

/** Left edge of every plot, so that steps line up down a column. It is the width in px of a number at the axis. */
export const plotLeft = 52

const drawings = new Map<string, Draw>()
const widths = new WeakMap<Element, number>()
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const host = target as HTMLElement
    if (widths.get(host) !== host.clientWidth) redraw(host)
  }
})

/** A placeholder for a chart. `drawAll` draws the chart when the page is in place. */
export function chart(id: string, draw: Draw, attributes: Parameters<typeof h>[1] = {}) {
  drawings.set(id, draw)
  return h('div', { class: 'chart', ...attributes, 'data-chart': id })
}

/** Forgets all charts, before a page is rebuilt. */
export function forgetCharts(): void {
  drawings.clear()
}

export function drawAll(root: ParentNode = document): void {
  for (const host of root.querySelectorAll<HTMLElement>('[data-chart]')) {
    observer.observe(host)
    redraw(host)
  }
}

function redraw(host: HTMLElement): void {
  const width = host.clientWidth
  widths.set(host, width)
  // Inside closed details there is no width. These charts are drawn when the details open.
  if (width > 0) drawings.get(host.dataset.chart!)?.(host, width)
}
