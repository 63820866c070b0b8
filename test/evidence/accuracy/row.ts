/** A figure with a known truth, and how near it has to come. */
export interface Row {
  readonly id: string
  readonly problem: string
  /** What the truth is, and where it comes from. */
  readonly reference: string
  readonly goal: string
  /** Runs it at full length. */
  reach(): Reached | Promise<Reached>
}

export interface Reached {
  readonly figure: string
  readonly met: boolean
}

/** The largest of some errors against their goal. */
export function within(errors: readonly number[], goal: number): Reached {
  const worst = errors.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  return { figure: worst.toExponential(1), met: errors.every((error) => Math.abs(error) <= goal) }
}

/** Several parts in one row: all must be met. */
export function all(parts: readonly Reached[]): Reached {
  return {
    figure: parts.map(({ figure }) => figure).join(' / '),
    met: parts.every(({ met }) => met),
  }
}

/** Relative errors of values by rank. */
export const relative = (values: readonly number[], truth: readonly number[]): number[] =>
  truth.map((expected, i) => (values[i] ?? Number.NaN) / expected - 1)
