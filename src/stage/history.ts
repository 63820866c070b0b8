import type { Lines } from '../spec/figures.ts'
import type { Header } from './header.ts'

/** Most points of a history. When it is full, every other point is dropped. */
export const historyPoints = 512

/** The header words and lists for a history of figures over steps, with this many lines. */
export const historyShape = (lines: number) => ({
  words: ['historySeen', 'historyPoints', 'historyStride'] as const,
  lists: { historySteps: historyPoints, history: lines * historyPoints },
})

type History = Header<ReturnType<typeof historyShape>>

/** Adds a point. The resolution is bounded, so that a run of any length fits. */
export function addToHistory(state: History, step: number, values: readonly number[]): void {
  const stride = Math.max(1, state.historyStride)
  state.historyStride = stride
  if (state.historySeen++ % stride !== 0) return
  if (state.historyPoints === historyPoints) {
    halve(state, values.length)
    if ((state.historySeen - 1) % state.historyStride !== 0) return
  }
  const at = state.historyPoints++
  state.historySteps[at] = step
  values.forEach((value, line) => {
    state.history[line * historyPoints + at] = value
  })
}

function halve(state: History, lines: number): void {
  const kept = historyPoints / 2
  for (let i = 0; i < kept; i++) {
    state.historySteps[i] = state.historySteps[2 * i]!
    for (let line = 0; line < lines; line++) {
      const from = line * historyPoints
      state.history[from + i] = state.history[from + 2 * i]!
    }
  }
  state.historyPoints = kept
  state.historyStride *= 2
}

/** A line of the history. */
export function historyLine(state: History, line: number): Float64Array {
  const from = line * historyPoints
  return state.history.subarray(from, from + state.historyPoints)
}

/** The first `lines` lines as a figure over steps; null before the first point. */
export function historyFigure(state: History, lines: number): Lines | null {
  if (state.historyPoints === 0) return null
  return {
    steps: [...state.historySteps.subarray(0, state.historyPoints)],
    values: Array.from({ length: lines }, (_, line) => [...historyLine(state, line)]),
  }
}
