import { metricNames } from '../../stages/phases/model.ts'

/** A run as this command sees it: its metrics at each look, and when it converged. */
export interface Sequence {
  readonly run: string
  readonly steps: readonly number[]
  /** One row per look. */
  readonly looks: readonly Float64Array[]
  /** The first step at which the trainer's metric passed its threshold. Undefined if it never did. */
  readonly converged?: number
}

export interface Standard {
  readonly centre: readonly number[]
  readonly scale: readonly number[]
}

/** Mean and standard deviation of each metric over all looks. The scale of a constant metric is 1. */
export function standardOf(sequences: readonly Sequence[]): Standard {
  const looks = sequences.flatMap((own) => own.looks)
  const d = looks[0]?.length ?? metricNames.length
  const mean = (of: (look: Float64Array) => number): number =>
    looks.reduce((sum, look) => sum + of(look), 0) / looks.length
  const centre = Array.from({ length: d }, (_, i) => mean((look) => look[i]!))
  const scale = centre.map((own, i) => {
    const deviation = Math.sqrt(mean((look) => (look[i]! - own) ** 2))
    return deviation > 1e-12 * Math.abs(own) ? deviation : 1
  })
  return { centre, scale }
}

/** The standardised looks of a run. */
export function standardised({ looks }: Sequence, { centre, scale }: Standard): Float64Array[] {
  return looks.map((look) => look.map((value, i) => (value - centre[i]!) / scale[i]!))
}
