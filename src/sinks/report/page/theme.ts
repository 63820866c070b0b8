const names = ['ground', 'ink', 'quiet', 'rule', 'ours', 'null', 'info', 'warn', 'error'] as const

export type Colour = (typeof names)[number] | `run${number}`

/** A colour of the theme in force, for canvas. */
export function colour(name: Colour): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}

/** The same, so many percent opaque. */
export function pale(name: Colour, percent: number): string {
  const alpha = Math.round(2.55 * percent)
    .toString(16)
    .padStart(2, '0')
  return `${colour(name)}${alpha}`
}

/** Dashes of runs, in the order of their colours. */
export const dashes = [[], [7, 3], [2, 2.5], [9, 3, 2, 3], [4, 4], [1, 3]] as const

/** Colour and dash of the run at this place; runs beyond six begin again. */
export function styleOfRun(index: number): { colour: Colour; dash: readonly number[] } {
  return { colour: `run${index % dashes.length}`, dash: dashes[index % dashes.length]! }
}
