/** The verdicts on how runs separate, and what each means. A state stores a verdict by its index here. */
export const verdictWords = {
  insufficient: 'There is too little evidence for any of these.',
  neutral: 'No exponential growth or decay can be distinguished from none.',
  expanding: 'Separations grow, but not all conditions of chaos are shown.',
  chaotic:
    'Nearby runs move apart exponentially: evenly, at a rate that does not depend on their distance, and for long.',
  diverging: 'The run itself runs away, and its twins move away from it as fast.',
  contracting: 'Nearby runs move together.',
  'noise-driven': 'Members have noise of their own, or are not declared to share it.',
  'no-perturbation': 'The twins equal member 0 in every weight.',
  'no-twin': 'There is no second member.',
} as const

export type Verdict = keyof typeof verdictWords

export const verdicts = Object.keys(verdictWords) as Verdict[]

/** A verdict and its reason. */
export interface Said<Name extends string = Verdict> {
  readonly verdict: Name
  readonly why: string
}

export const said = <Name extends string>(verdict: Name, why: string): Said<Name> => ({
  verdict,
  why,
})

/** e-foldings below which neither growth nor contraction is reported. */
export const leastFoldings = 3

/** Fewest increments for a verdict. */
export const leastPoints = 16

export const foldings = (value: number): string => `${Math.abs(value).toFixed(2)} e-foldings`

export const percent = (share: number): string => `${(100 * share).toFixed(0)} %`
