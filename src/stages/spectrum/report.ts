import { log, whyOf } from '../../stage/index.ts'
import type { Matrix } from './layout.ts'
import type { SpectrumOptions, SpectrumValues } from './spec.ts'
import { bins, type SpectrumState } from './state.ts'
import { tailLimit } from './tail.ts'

/** Fewest singular values for a statement about the whole spectrum. */
const leastValues = 32

/** Fewest values in a tail that is reported as one. */
const leastInTail = 30

/** The figures of a summary, computed from the state alone. */
export function figuresOf(
  state: SpectrumState,
  matrix: Matrix | undefined,
  { draws }: SpectrumOptions
): SpectrumValues {
  const isThere = matrix !== undefined && state.looks > 0
  if (!isThere) return { ...nothing, looks: state.looks, why: whyNot(matrix) }
  const { values, errors, alignment, looks, lookedAt, frobeniusNorm, overlap } = state
  const largest = values[0]!
  const isPaired = !Number.isNaN(overlap)
  const common = {
    shape: shapeOf(state, matrix),
    singularValues: [...values],
    errors: [...errors],
    spectralNorm: largest,
    frobeniusNorm,
    alignment: isPaired ? [...alignment] : null,
    overlap,
    overlapNull: matrix.rank / matrix.short,
    looks,
    lookedAt,
  }
  const why = [!isPaired && 'alignment and overlap need two looks']
  if (matrix.krylov) return { ...common, why: whyOf(...why) }
  const { outliers, bulkDistance, tailExponent, tailExponentError, tailDistance, tailCount } = state
  return {
    ...common,
    outliers,
    bulkDistance,
    tailExponent,
    tailExponentError,
    tailExponentNull: state.tailExponentNull,
    tailExponentNullError: state.tailExponentNullError,
    tailDistance,
    tailLimit: tailCount > 0 ? tailLimit(tailCount) : Number.NaN,
    tailCount,
    density: densityOf(state),
    why: whyOf(
      ...why,
      largest === 0 && 'the matrix is zero',
      largest > 0 && !(tailCount > 0) && 'a tail needs ten singular values that are not all equal',
      draws < 2 && 'the null of the tail needs two draws'
    ),
  }
}

const nothing = {
  shape: 'none',
  singularValues: null,
  errors: null,
  spectralNorm: Number.NaN,
  frobeniusNorm: Number.NaN,
  alignment: null,
  overlap: Number.NaN,
  overlapNull: Number.NaN,
  lookedAt: Number.NaN,
} as const

const whyNot = (matrix: Matrix | undefined): string =>
  matrix
    ? 'the matrix was not looked at yet'
    : 'this scope is not a matrix with two sides of two or more'

/** The word for the shape of the spectrum: the first one that applies. */
function shapeOf(state: SpectrumState, { short, krylov }: Matrix): SpectrumValues['shape'] {
  const { values, outliers, bulkDistance, tailDistance, tailCount } = state
  if (!(values[0]! > 0)) return 'none'
  if (krylov) return 'partial'
  if (short < leastValues) return 'too-small'
  // For random matrices the rest was within this in all of some hundred trials.
  if (outliers === 0 && bulkDistance <= (2 + log(short) / 2) / short) return 'random'
  if (tailCount >= leastInTail && tailDistance <= tailLimit(tailCount)) return 'heavy-tailed'
  return outliers > 0 ? 'spiked' : 'other'
}

function densityOf({ values, counts }: SpectrumState): SpectrumValues['density'] {
  const width = values[0]! / bins
  if (!(width > 0)) return null
  const edges = Array.from({ length: bins + 1 }, (_, i) => i * width)
  return { edges, counts: [...counts] }
}
