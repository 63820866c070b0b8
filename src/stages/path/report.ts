import {
  acos,
  counted,
  type FigureValues,
  foldingError,
  type PlanShape,
  sketchError,
  sketchRows,
  whyOf,
} from '../../stage/index.ts'
import type { Checkpoints } from './checkpoints.ts'
import {
  cosines,
  distance,
  lissajousOf,
  meanOf,
  type Points,
  principalOf,
  turnsOf,
} from './geometry.ts'
import type { Layout } from './layout.ts'
import type { pathFigures } from './spec.ts'

export type PathValues = FigureValues<typeof pathFigures>

/** Fewest checkpoints for a path to have a shape. */
export const leastKept = 8

/** Most principal components that are reported. */
const mostShares = 10

/** Factor by which a path must be straighter or more crooked than a random walk to be called so. */
const margin = 1.5

export function valuesOf(
  header: Checkpoints['header'],
  layout: Layout,
  { scope }: Pick<PlanShape, 'scope'>,
  walk: PathValues | undefined
): PathValues {
  const { kept } = header
  const stride = Math.max(1, header.stride)
  const all = Array.from({ length: kept }, (_, i) => i)
  const steps = all.map((i) => header.steps[i]!)
  const product = (i: number, j: number): number => header.gram[i * layout.most + j]!
  const points: Points = { places: all.map((i) => header.blocks[i]! / stride), product }
  // With f64 weights even the start differs from w0, by what f32 rounds off w0.
  const hasStart = header.blocks[0] === 0
  const fromStart = (i: number, j: number): number =>
    product(i, j) - (hasStart ? product(i, 0) + product(0, j) - product(0, 0) : 0)
  const moved = all.filter((i) => fromStart(i, i) > 0)
  const labelled = (places: readonly number[], values: number[][]) => {
    const labels = places.map((i) => steps[i]!)
    return places.length > 0 ? { rows: labels, columns: labels, values } : null
  }
  const map = cosines(moved, fromStart)
  const weights = header.hasOrigin === 1 ? all : []
  const weightMap = cosines(
    weights,
    (i, j) => product(i, j) + header.origin[i]! + header.origin[j]! + header.originSquare
  )
  const ways = all.slice(1).map((i) => distance(points, i - 1, i))
  const displacement = kept > 1 ? distance(points, 0, kept - 1) : 0
  const length = ways.reduce((sum, way) => sum + way, 0)
  const pathRatio = displacement > 0 ? length / displacement : Number.NaN
  const principal = kept >= leastKept ? principalOf(points) : undefined
  const pathRatioNull = walk?.pathRatio ?? Number.NaN
  const own = layout.folded ? foldingError(sketchRows) : 0
  const sent = sketchError(scope)
  return {
    verdict: kept < leastKept ? 'insufficient' : verdictOf(length / displacement / pathRatioNull),
    pathRatio,
    pathRatioNull,
    similarity: meanOf(map),
    similarityNull: walk?.similarity ?? Number.NaN,
    weightSimilarity: meanOf(weightMap),
    lissajous: principal ? lissajousOf(points, principal) : Number.NaN,
    lissajousNull: walk?.lissajous ?? Number.NaN,
    explained: principal?.shares.slice(0, mostShares) ?? null,
    explainedNull: walk?.explained ?? null,
    turns: turnsTable(
      points,
      (stride * (steps.at(-1)! - steps[0]!)) / (header.blocks[kept - 1]! - header.blocks[0]!)
    ),
    speed:
      kept > 1
        ? {
            steps: steps.slice(1),
            values: [ways.map((way, i) => way / (steps[i + 1]! - steps[i]!))],
          }
        : null,
    layers: layersOf(header, layout, scope, steps),
    trajectoryMap: labelled(moved, map),
    weightMap: labelled(weights, weightMap),
    components: principal
      ? { steps, values: principal.scores.slice(0, 3).map((score) => [...score]) }
      : null,
    error: Math.sqrt(2 * (own * own + sent * sent)),
    kept,
    spacing:
      kept > 1
        ? (steps.at(-1)! - steps[0]!) / (points.places.at(-1)! - points.places[0]!)
        : Number.NaN,
    window: kept > 0 ? [steps[0]!, steps.at(-1)!] : null,
    why: whyOf(
      kept < leastKept && `${counted(kept, 'checkpoint')} so far, a shape needs ${leastKept}`,
      kept > 1 && length === 0 && 'the weights are the same at all checkpoints',
      length > 0 && displacement === 0 && 'the path ends where it began',
      weights.length === 0 && 'directions of weights from zero need an anchor, none has come'
    ),
  }
}

/** @param ratio of the path over its displacement to that of a random walk: infinite for a path that ends where it began */
function verdictOf(ratio: number): PathValues['verdict'] {
  if (!(ratio > 0)) return 'insufficient'
  if (ratio < 1 / margin) return 'directed'
  return ratio > margin ? 'confined' : 'walk'
}

function turnsTable(points: Points, spacing: number): PathValues['turns'] {
  const turns = turnsOf(points)
  if (turns.length === 0) return null
  return turns.map(({ lag, cosine, pairs }) => ({
    lag: lag * spacing,
    cosine,
    angle: (acos(cosine) * 180) / Math.PI,
    pairs,
  }))
}

/** Root mean square change of a weight in the update after each checkpoint, by layer. */
function layersOf(
  { kept, squares }: Checkpoints['header'],
  { layers }: Layout,
  { tensors }: PlanShape['scope'],
  steps: readonly number[]
): PathValues['layers'] {
  if (kept === 0 || layers.length === 0) return null
  return {
    rows: layers.map((place) => tensors[place]!.name),
    columns: steps,
    values: layers.map((place, layer) =>
      steps.map((_, i) => Math.sqrt(squares[i * layers.length + layer]! / tensors[place]!.rows))
    ),
  }
}
