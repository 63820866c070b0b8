import { linalgKernels } from '../../linalg/kernels.gen.ts'
import { padded } from '../../linalg/panels.ts'
import {
  type Block,
  fillPanels,
  mix,
  readWeights,
  type StageContext,
  scatterOf,
} from '../../stage/index.ts'
import { alignments, decompose, type Vectors } from './decompose.ts'
import { type Matrix, type SpectrumScratch, vectorPanels } from './layout.ts'
import { noiseLaw, outliersOf } from './noise-law.ts'
import type { SpectrumOptions } from './spec.ts'
import { bins, type lookWords, type nullWords } from './state.ts'
import { fitTail } from './tail.ts'

export interface Looker extends Pick<StageContext<SpectrumOptions>, 'arena' | 'options' | 'scope'> {
  readonly matrix: Matrix
  readonly scratch: SpectrumScratch
}

/** Results of a look: words and lists as the header has them. */
export type Found = Record<(typeof lookWords)[number], number> & {
  readonly values: ArrayLike<number>
  readonly errors: ArrayLike<number>
  readonly alignment: ArrayLike<number>
  readonly counts: ArrayLike<number>
}

function vectorsAt(address: number, matrix: Matrix): Vectors {
  return { left: address, right: address + vectorPanels(matrix).left.bytes }
}

/**
 * Looks at a matrix after a column of the block.
 *
 * @param before address of the vectors of the previous look; undefined at the first one
 * @param now address for the vectors of this look
 */
export function lookAt(
  { arena, options, scope, matrix, scratch }: Looker,
  block: Block,
  column: number,
  before: number | undefined,
  now: number
): Found {
  const view = arena.f64(scratch.matrix, padded(matrix.long) * padded(matrix.short)).fill(0)
  let energy = 0
  readWeights(arena, block, scope, column, scratch.staging, (piece, first) => {
    for (const w of piece) energy += w * w
    fillPanels(view, matrix.part, piece, first)
  })
  const own = vectorsAt(now, matrix)
  const earlier = before === undefined ? undefined : vectorsAt(before, matrix)
  const { values, errors } = decompose(
    arena,
    matrix,
    scratch,
    own,
    earlier?.right,
    energy,
    options.seed
  )
  const { pairs, overlap } = earlier
    ? alignments(arena, matrix, own, earlier)
    : { pairs: new Array<number>(matrix.rank).fill(Number.NaN), overlap: Number.NaN }
  const lists = { values: values.subarray(0, matrix.rank), errors, alignment: pairs }
  const found = { ...lists, frobeniusNorm: Math.sqrt(energy), overlap }
  if (matrix.krylov) return { ...found, ...unknown, counts: new Float64Array(bins) }
  return { ...found, ...ofWhole(values, matrix), counts: histogramOf(values) }
}

const unknown = {
  outliers: Number.NaN,
  bulkDistance: Number.NaN,
  tailExponent: Number.NaN,
  tailExponentError: Number.NaN,
  tailDistance: Number.NaN,
  tailCount: Number.NaN,
}

/** Figures of a whole spectrum. */
function ofWhole(values: Float64Array, { long, short }: Matrix): typeof unknown {
  if (!(values[0]! > 0)) return unknown
  const squares = values.map((value) => value * value)
  const tail = fitTail(squares.slice().reverse())
  const { count, distance } = outliersOf(squares, long, noiseLaw(long, short))
  return {
    outliers: count,
    bulkDistance: distance,
    tailExponent: tail?.exponent ?? Number.NaN,
    tailExponentError: tail?.error ?? Number.NaN,
    tailDistance: tail?.distance ?? Number.NaN,
    tailCount: tail?.count ?? 0,
  }
}

function histogramOf(values: Float64Array): Float64Array {
  const counts = new Float64Array(bins)
  const width = values[0]! / bins
  for (const value of values) counts[Math.min(bins - 1, Math.floor(value / width) || 0)]!++
  return counts
}

/** Tail exponents of random matrices of the same shape: mean and standard deviation. */
export function nullTails({
  arena,
  options,
  matrix,
  scratch,
}: Looker): Record<(typeof nullWords)[number], number> {
  const { noise } = arena.kernels(linalgKernels)
  const { long, short } = matrix
  const exponents: number[] = []
  for (let draw = 0; draw < options.draws; draw++) {
    const place = { y: scratch.matrix, rows: long, columns: short, long: padded(long) }
    const energy = noise({ ...place, seed: mix(options.seed ^ mix(draw)) })
    const now = vectorsAt(scratch.peek[1], matrix)
    const { values } = decompose(arena, matrix, scratch, now, undefined, energy, 0)
    const tail = fitTail(values.map((value) => value * value).reverse())
    if (tail) exponents.push(tail.exponent)
  }
  const { mean, squares } = scatterOf(exponents)
  return {
    tailExponentNull: mean,
    tailExponentNullError: Math.sqrt(squares / (exponents.length - 1)),
  }
}
