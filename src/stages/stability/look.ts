import { copyPanels, type PlacedPanels, panels, viewOf } from '../../linalg/panels.ts'
import {
  type Block,
  fillPanels,
  type MatrixPart,
  mix,
  readWeights,
  type StageContext,
  scatterOf,
} from '../../stage/index.ts'
import { distance, flipsBetween, meanCosine } from './compare.ts'
import { addDirection } from './direction.ts'
import { keptAt, keptPanels, type Matrices, type StabilityScratch, storageBytes } from './layout.ts'
import { polarFactor } from './polar.ts'
import { ranksOf } from './ranks.ts'
import type { StabilityOptions } from './spec.ts'

/**
 * Values that the owner of a tensor finds at a look, in this order. Those that compare a look with the previous one are NaN at the first.
 */
export const lookFigures = [
  'stableRank',
  'participationRatio',
  'numericalRank',
  'leftOut',
  'keptRank',
  'stability',
  'flips',
  'relativeStep',
  'stabilityNull',
  /** Variance between draws of the null. */
  'nullVariance',
] as const

export type LookFigures = Record<(typeof lookFigures)[number], number>

/** Figures that are added up over several parts; the others are averaged. */
const added: readonly string[] = ['numericalRank', 'leftOut', 'keptRank', 'flips']

export interface Looker
  extends Pick<StageContext<StabilityOptions>, 'arena' | 'options' | 'scope'> {
  readonly matrices: Matrices
  readonly scratch: StabilityScratch
}

/**
 * Looks at all parts of a tensor after a column of the block.
 *
 * @param look its number
 * @param before address of what the previous look kept; undefined at the first one
 * @param now address where this look keeps the same
 */
export function lookAt(
  looker: Looker,
  block: Block,
  column: number,
  look: number,
  before: number | undefined,
  now: number
): number[] {
  const { matrices, options } = looker
  const kept = keptPanels(matrices.sides, options)
  const keptOf = (address: number, i: number): KeptPanels => {
    const { weights, factor } = keptAt(address, i, kept)
    return { weights: { ...kept, at: weights }, factor: { ...kept, at: factor } }
  }
  const found = matrices.parts.map((part, i) => {
    const seed = mix(options.seed ^ mix(look * matrices.parts.length + i))
    const earlier = before === undefined ? undefined : keptOf(before, i)
    return lookAtPart(looker, block, column, part, earlier, keptOf(now, i), seed)
  })
  return lookFigures.map((name) => {
    const sum = found.reduce((total, figures) => total + figures[name], 0)
    return added.includes(name) ? sum : sum / found.length
  })
}

interface KeptPanels {
  readonly weights: PlacedPanels
  readonly factor: PlacedPanels
}

const noPair = {
  stability: Number.NaN,
  flips: Number.NaN,
  relativeStep: Number.NaN,
  stabilityNull: Number.NaN,
  nullVariance: Number.NaN,
}

function lookAtPart(
  { arena, options, scope, matrices, scratch }: Looker,
  block: Block,
  column: number,
  part: MatrixPart,
  before: KeptPanels | undefined,
  now: KeptPanels,
  seed: number
): LookFigures {
  const { sides } = matrices
  const bytes = storageBytes(options)
  const matrix = { ...panels(sides.long, sides.short), at: scratch.matrix }
  const view = viewOf(arena, matrix) as Float64Array
  view.fill(0)
  readWeights(arena, block, scope, column, scratch.staging, (piece, first) => {
    fillPanels(view, part, piece, first)
  })
  const step = before && distance(arena, matrix, before.weights)
  copyPanels(arena, matrix, now.weights)
  const { at, values } = polarFactor(arena, sides, bytes, scratch)
  copyPanels(arena, { ...now.factor, at }, now.factor)
  const ranks = ranksOf(values, options.beta)
  if (!before || !step) return { ...ranks, ...noPair }

  const stability = meanCosine(arena, before.factor, now.factor, sides.short)
  const flips = flipsBetween(arena, before.factor, now.factor, sides, scratch)
  const draws = Array.from({ length: options.draws }, (_, draw) => {
    addDirection(arena, sides, before.weights, step.apart, mix(seed ^ mix(draw)), matrix)
    const { at } = polarFactor(arena, sides, bytes, scratch)
    return meanCosine(arena, before.factor, { ...before.factor, at }, sides.short)
  })
  const { mean, squares } = scatterOf(draws)
  return {
    ...ranks,
    stability,
    flips,
    relativeStep: step.apart / step.norm,
    stabilityNull: mean,
    nullVariance: squares / (draws.length - 1),
  }
}
