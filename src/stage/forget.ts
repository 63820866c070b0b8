import { number } from '../spec/fields.ts'

/** The option of stages that can follow a training whose directions drift. */
export const forget = number({
  description: 'factor by which earlier columns lose weight at each step; 1 forgets nothing',
  min: 0.5,
  max: 1,
  default: 1,
})

/**
 * The weights of n successive steps after the last of them, β^(n-1) .. β, 1, and the factor β^n by which everything before them
 * fades.
 */
export function fading(n: number, beta: number): { weights: Float64Array; fade: number } {
  const weights = new Float64Array(n)
  let fade = 1
  for (let i = n - 1; i >= 0; i--) {
    weights[i] = fade
    fade *= beta
  }
  return { weights, fade }
}
