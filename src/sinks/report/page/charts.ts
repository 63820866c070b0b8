import { h } from './dom.ts'

/** Draws into a host for its real width; called again when that changes. */
export type Draw = (host: HTMLElement, width: number) => void

/** Where the plot of a chart begins, so that steps line up down a column: px that a number at its axis has. */
export const plotLeft = 52

const drawings = new Map<string, Draw>()
const widths = new WeakMap<Element, number>()
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const host = target as HTMLElement
    if (widths.get(host) !== host.clientWidth) redraw(host)
  }
})

/** A place for a chart. It is drawn when the page around it stands (`drawAll`). */
export function chart(id: string, draw: Draw, attributes: Parameters<typeof h>[1] = {}) {
  drawings.set(id, draw)
  return h('div', { class: 'chart', ...attributes, 'data-chart': id })
}

/** Forgets all charts, before a page is made anew. */
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
  // Inside of closed details there is no width; they are drawn when they open.
  if (width > 0) drawings.get(host.dataset.chart!)?.(host, width)
}
