/** What can be said of how runs part; a state keeps a verdict by its place here. */
export const verdicts = [
  'insufficient',
  'neutral',
  'expanding',
  'chaotic',
  'diverging',
  'contracting',
  'noise-driven',
  'no-perturbation',
  'no-twin',
] as const

export type Verdict = (typeof verdicts)[number]

/** A verdict and its reason. */
export interface Said<Name extends string = Verdict> {
  readonly verdict: Name
  readonly why: string
}

export const said = <Name extends string>(verdict: Name, why: string): Said<Name> => ({
  verdict,
  why,
})

/** e-foldings without which neither growth nor contraction is spoken of. */
export const leastFoldings = 3

/** Fewest increments of which a verdict is made. */
export const leastPoints = 16

export const foldings = (value: number): string => `${Math.abs(value).toFixed(2)} e-foldings`

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
