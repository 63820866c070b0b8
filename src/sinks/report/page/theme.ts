const names = ['ground', 'ink', 'quiet', 'rule', 'ours', 'null', 'info', 'warn', 'error'] as const

export type Colour = (typeof names)[number] | `run${number}`

/** A colour of the current theme, for canvas. */
export function colour(name: Colour): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The same colour with this opacity in percent. */
export function pale(name: Colour, percent: number): string {
  const alpha = Math.round(2.55 * percent)
    .toString(16)
    .padStart(2, '0')
  return `${colour(name)}${alpha}`
}

/** Dash patterns of runs, in the same order as their colours. */
export const dashes = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [4, 4], [1, 3]] as const

/** Colour and dash pattern of the run with this index. After six runs they repeat. */
export function styleOfRun(index: number): { colour: Colour; dash: readonly number[] } {
  return { colour: `run${index % dashes.length}`, dash: dashes[index % dashes.length]! }
}
