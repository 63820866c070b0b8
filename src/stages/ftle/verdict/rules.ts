import type { Reading } from '../reading.ts'
import { lasting } from './lasting.ts'
import { littleChange } from './little.ts'
import { type Measures, measure } from './measures.ts'
import { sharedGrowth } from './motion.ts'
import { leastPoints, type Said, said } from './names.ts'
import { algebraic } from './power-law.ts'
import { contraction, contractionInPart } from './shrinking.ts'
import { finiteSize } from './size.ts'
import { uneven } from './spread.ts'

/** What a verdict is based on. */
export interface Evidence {
  /** Number of twins or tangent vectors. */
  readonly vectors: number
  /** Whether the vectors are tangents, whose growth is infinitesimal and never saturates. */
  readonly isTangent: boolean
  /** Whether the members share data order and noise. */
  readonly coupled: boolean
  /** Number of weights looked at. */
  readonly weights: number
  /** Whether any separation is known, and whether any was not zero. */
  readonly known: boolean
  readonly apart: boolean
  readonly reading: Reading | undefined
  /** Why there is nothing to read. */
  readonly missing: string
}

/** The result of one look at a run. */
export interface Judgement extends Said {
  /** Steps that the verdict is based on. */
  readonly steps: number
  readonly measures?: Measures
}

/**
 * The verdict that the evidence supports, and why: the first rule that applies. Exponential growth is `chaotic` if it is spread over its
 * window, does not depend on the size of the separations, is not shared by the run itself, and lasts; otherwise it is `expanding`.
 */
export function judge(evidence: Evidence): Judgement {
  const { vectors, isTangent, weights, known, apart, reading, missing } = evidence
  const nothing = (told: Said): Judgement => ({ ...told, steps: 0 })
  if (vectors === 0) {
    return nothing(said('no-twin', 'the run has one member; exponents need a perturbed second one'))
  }
  if (!known) return nothing(said('insufficient', missing))
  if (!apart) {
    return nothing(said('no-perturbation', 'all twins equal member 0 in every weight'))
  }
  if (!reading) return nothing(ownNoise(evidence) ?? said('insufficient', missing))
  const measures = measure(reading)
  const { increments } = measures.spread
  const few = `${increments} increments between floor and saturation; ${leastPoints} are needed`
  const told =
    increments < leastPoints
      ? (ownNoise(evidence) ?? said('insufficient', few))
      : (contraction(reading, weights) ??
        ownNoise(evidence) ??
        contractionInPart(reading, weights) ??
        algebraic(reading, measures) ??
        littleChange(reading, measures) ??
        sharedGrowth(measures) ??
        (isTangent ? undefined : finiteSize(measures)) ??
        uneven(reading, measures) ??
        lasting(reading, measures))
  return { ...told, steps: measures.steps, measures }
}

/** Members that are not declared to share their noise. */
function ownNoise({ coupled }: Evidence): Said | undefined {
  const why =
    'members do not share data order and noise ("coupled" is false), which drives twins apart by itself'
  return coupled ? undefined : said('noise-driven', why)
}
