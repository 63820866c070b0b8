import type { Known } from '../model/series.ts'
import { h } from './dom.ts'
import { type LinesOf, middles, smoothed } from './lines.ts'
import { shownSpan } from './step-line.ts'
import { colour } from './theme.ts'

interface Placing {
  readonly frame: readonly [left: number, right: number]
  readonly top: number
  readonly bottom: number
  /** Position of a value on its axis: 0 at the bottom, 1 at the top. */
  scale(value: number): number
}

/** Smallest distance between two labels. */
const lineHeight = 15

/**
 * Writes each line's name and value at the line's end, without overlaps.
 *
 * @returns a function that shows the values at a step, and a vertical line there. Without a step it shows the last values
 */
export function placeLabels(host: HTMLElement, of: LinesOf, placing: Placing) {
  const { frame, top, bottom, scale } = placing
  const rule = h('div', { class: 'step-line', hidden: true })
  const name = h('div', { class: 'step-name', hidden: true })
  const labels = of.lines.map((line) => {
    const values = middles(line.values, line.high)
    const label = h('div', { class: 'end-label' })
    label.style.left = `${frame[1] + 8}px`
    label.style.maxWidth = `${host.clientWidth - frame[1] - 8}px`
    label.style.color = colour(line.colour === 'null' ? 'quiet' : line.colour)
    return { line, label, values: line.smooth ? smoothed(values) : values }
  })
  host.append(rule, name, ...labels.map(({ label }) => label))
  return (step: number | undefined): void => {
    const at = step === undefined ? of.steps.length - 1 : nearest(of.steps, step)
    const shown = labels.map((one) => ({ ...one, value: lastKnown(one.values, at) }))
    const spots = shown.map(({ value }) => {
      return value === undefined ? bottom : bottom - scale(value) * (bottom - top)
    })
    apart(spots, top, bottom)
    shown.forEach(({ line, label, value }, i) => {
      label.textContent = value === undefined ? line.label : `${line.label} ${of.format(value)}`
      label.style.top = `${spots[i]! - lineHeight / 2}px`
    })
    const words = shown.map(({ label }) => label.textContent).join(', ')
    const stepHere = of.steps[at] ?? 0
    host.setAttribute('aria-valuenow', String(stepHere))
    host.setAttribute('aria-valuetext', `step ${stepHere}: ${words}`)
    rule.hidden = name.hidden = step === undefined
    if (step === undefined) return
    const [from, to] = shownSpan(of.span)
    const x = frame[0] + ((stepHere - from) / (to - from || 1)) * (frame[1] - frame[0])
    rule.style.left = name.style.left = `${x}px`
    rule.style.height = `${bottom - top}px`
    name.textContent = `step ${stepHere}`
  }
}

function nearest(steps: readonly number[], step: number): number {
  let best = 0
  steps.forEach((one, i) => {
    if (Math.abs(one - step) < Math.abs(steps[best]! - step)) best = i
  })
  return best
}

function lastKnown(values: readonly Known[], at: number): number | undefined {
  for (let i = at; i >= 0; i--) if (values[i] !== null && values[i] !== undefined) return values[i]!
  return undefined
}

/** Moves positions apart until none overlap. Their order stays the same. */
function apart(spots: number[], top: number, bottom: number): void {
  const order = spots.map((_, i) => i).sort((a, b) => spots[a]! - spots[b]!)
  let least = top - lineHeight
  for (const i of order) {
    spots[i] = Math.max(spots[i]!, least + lineHeight)
    least = spots[i]!
  }
  let most = bottom + lineHeight
  for (const i of order.reverse()) {
    spots[i] = Math.min(spots[i]!, most - lineHeight)
    most = spots[i]!
  }
}
