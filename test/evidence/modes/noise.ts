// Weights that have nothing in common, under the steps of several optimizers.
import { gaussian } from '../../stages/cmd/walks.ts'

/** Makes of each step's gradient (f64 for each weight, white) the step of the weights, in place. */
type Rule = (rows: number) => (gradient: Float64Array) => void

const white: Rule = () => () => {}

const momentum: Rule = (rows) => {
  const velocity = new Float64Array(rows)
  return (step) => {
    for (let i = 0; i < rows; i++) step[i] = velocity[i] = 0.9 * velocity[i]! + step[i]!
  }
}

const adam: Rule = (rows) => {
  const [mean, square] = [new Float64Array(rows), new Float64Array(rows)]
  let [first, second] = [1, 1]
  return (step) => {
    first *= 0.9
    second *= 0.999
    for (let i = 0; i < rows; i++) {
      mean[i] = 0.9 * mean[i]! + 0.1 * step[i]!
      square[i] = 0.999 * square[i]! + 0.001 * step[i]! ** 2
      step[i] = mean[i]! / (1 - first) / Math.sqrt(square[i]! / (1 - second))
    }
  }
}

export const rules: Readonly<Record<string, Rule>> = { white, momentum, adam }

/** Deltas of independent weights; `spread` is the deviation of the logarithm of their sizes. */
export function independent(
  rule: Rule,
  { steps, rows, spread, seed }: { steps: number; rows: number; spread: number; seed: number }
): Float32Array[] {
  const normal = gaussian(seed)
  const sizes = Float64Array.from({ length: rows }, () => 1e-3 * Math.exp(spread * normal()))
  const advance = rule(rows)
  return Array.from({ length: steps }, () => {
    const step = Float64Array.from({ length: rows }, normal)
    advance(step)
    return Float32Array.from(step, (value, i) => value * sizes[i]!)
  })
}
