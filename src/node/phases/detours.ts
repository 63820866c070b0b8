import { jacobi } from '../../linalg/jacobi.ts'
import { Random } from '../train/random.ts'

export interface Detours {
  /** Share of the variance of convergence steps that the time in each state explains. */
  readonly explained: number
  /** How often shuffled convergence steps are explained equally well. */
  readonly probability: number
  /** States that some runs skip and that are associated with late convergence. */
  readonly states: readonly { readonly state: number; readonly perShare: number }[]
}

const shuffles = 1999
const leastRuns = 8

/**
 * Regresses the step of convergence on the share of looks in each state, by minimum-norm least squares (Hu et al. 2023). The test
 * permutes the steps over the runs. Undefined if fewer than eight runs converged.
 *
 * @param paths state of each look, by run
 * @param converged step of convergence by run; undefined for a run that never converged
 */
export function detoursOf(
  paths: readonly (readonly number[])[],
  converged: readonly (number | undefined)[],
  states: number,
  seed: number
): Detours | undefined {
  const known = paths.flatMap((path, i) => {
    const step = converged[i]
    return step === undefined ? [] : [{ path, step }]
  })
  if (known.length < leastRuns) return undefined
  const shares = centred(
    known.map(({ path }) =>
      Array.from({ length: states }, (_, k) => path.filter((s) => s === k).length / path.length)
    )
  )
  const steps = known.map(({ step }) => step)
  const solve = leastNorm(shares, states)
  const own = solve(steps)
  const random = new Random(seed, 999)
  let asGood = 1
  for (let i = 0; i < shuffles; i++) {
    const order = random.permutation(steps.length)
    const shuffled = solve(Array.from(order, (place) => steps[place]!))
    if (shuffled.explained >= own.explained) asGood++
  }
  const probability = asGood / (shuffles + 1)
  const isOptional = (state: number): boolean => known.some(({ path }) => !path.includes(state))
  const isEver = (state: number): boolean => known.some(({ path }) => path.includes(state))
  const found = own.weights.flatMap((perShare, state) =>
    probability < 0.001 && perShare > 0 && isOptional(state) && isEver(state)
      ? [{ state, perShare }]
      : []
  )
  return { explained: own.explained, probability, states: found }
}

function centred(rows: readonly (readonly number[])[]): number[][] {
  const means = rows[0]!.map((_, k) => rows.reduce((sum, row) => sum + row[k]!, 0) / rows.length)
  return rows.map((row) => row.map((value, k) => value - means[k]!))
}

/** Minimum-norm least squares for centred rows, from the eigenvectors of their Gram matrix. */
function leastNorm(rows: readonly (readonly number[])[], width: number) {
  const gram = new Float64Array(width * width)
  for (const row of rows) {
    for (let i = 0; i < width; i++) {
      for (let j = 0; j < width; j++) gram[i * width + j]! += row[i]! * row[j]!
    }
  }
  const { values, vectors } = jacobi(gram, width)
  return (steps: readonly number[]): { weights: number[]; explained: number } => {
    const mean = steps.reduce((a, b) => a + b, 0) / steps.length
    const total = steps.reduce((sum, step) => sum + (step - mean) ** 2, 0)
    const right = Array.from({ length: width }, (_, k) =>
      rows.reduce((sum, row, i) => sum + row[k]! * (steps[i]! - mean), 0)
    )
    const weights = new Array<number>(width).fill(0)
    let fitted = 0
    values.forEach((value, e) => {
      if (!(value > 1e-10 * values[0]!)) return
      const along = right.reduce((sum, own, k) => sum + own * vectors[k * width + e]!, 0)
      fitted += (along * along) / value
      for (let k = 0; k < width; k++) weights[k]! += (along / value) * vectors[k * width + e]!
    })
    return { weights, explained: total > 0 ? fitted / total : 0 }
  }
}
