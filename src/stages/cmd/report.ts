import { elementOf, tileRows, whyOf } from '../../stage/index.ts'
import { chanceOf } from './chance.ts'
import type { CmdContext, CmdValues } from './spec.ts'
import type { CmdHeader } from './state.ts'

/**
 * Number of standard deviations above chance from which a value counts as more. For comparison: the 99.9 % quantile of Student's t for 16
 * values is 3.7.
 */
const beyond = 3.7

type Reported = Pick<CmdContext, 'scope' | 'options'>

/** All figures in their order; those of the modes are not known yet. */
function unknownValues(header: CmdHeader): CmdValues {
  return {
    explained: Number.NaN,
    explainedError: Number.NaN,
    explainedNull: Number.NaN,
    explainedNullError: Number.NaN,
    grouping: 'unknown',
    meanAbsCorrelation: Number.NaN,
    modes: null,
    leftOut: Number.NaN,
    constants: Number.NaN,
    unassigned: Number.NaN,
    reassigned: 0,
    window: header.positions === 0 ? null : [header.from, header.to],
    positions: header.positions,
    breaks: header.breaks,
    skipped: header.skipped,
  }
}

/** Figures before there are modes, and the reason. */
export function pendingValues(
  { options: { warmup, look } }: Reported,
  header: CmdHeader
): CmdValues {
  const { positions } = header
  const why = whyOf(
    positions < warmup
      ? `modes are chosen from ${warmup} positions on; there are ${positions}`
      : 'no weight has moved yet, or by too little for f32',
    look.epochs !== undefined &&
      positions === 0 &&
      'one is looked at for each epoch that the frames tell'
  )
  return { ...unknownValues(header), why }
}

/**
 * Figures of the modes.
 *
 * @param sums of `cmd_assign`
 * @param members counts of `cmd_assign`, for each layer or for all
 */
export function modeValues(
  { scope }: Reported,
  header: CmdHeader,
  sums: Float64Array,
  members: Float64Array
): CmdValues {
  const { modes } = header
  const [, energy, residual, leftOut, changes] = sums as unknown as number[]
  const correlations = sums.subarray(5, 5 + modes)
  const width = modes + 2
  const layers = Array.from({ length: members.length / width }, (_, layer) =>
    members.subarray(layer * width, (layer + 1) * width)
  )
  const apart = layers.length === scope.indices.length
  const count = (group: number): number => layers.reduce((sum, row) => sum + row[group]!, 0)
  // Rows that did not move, without the padding of tiles.
  const constants = count(modes + 1) - (tileRows * scope.tiles - scope.rows)
  const moved = scope.rows - constants
  const explained = moved > 0 ? 1 - residual! / energy! : Number.NaN
  const chance = chanceOf(header)
  const isBeyond = explained > chance.explained + beyond * chance.scatter
  const grouping = moved === 0 ? 'unknown' : isBeyond ? 'groups' : 'chance'
  return {
    ...unknownValues(header),
    explained,
    explainedError: header.scatter,
    explainedNull: chance.explained,
    explainedNullError: chance.scatter,
    grouping,
    meanAbsCorrelation:
      moved > 0 ? correlations.reduce((sum, c) => sum + c, 0) / moved : Number.NaN,
    modes: Array.from({ length: modes }, (_, m) => ({
      size: count(m),
      meanAbsCorrelation: count(m) > 0 ? correlations[m]! / count(m) : Number.NaN,
      reference: weightAt(scope, header.row[m]!),
    })),
    leftOut: moved > 0 ? leftOut! / energy! : Number.NaN,
    constants,
    unassigned: count(modes),
    reassigned: changes!,
    layers: apart
      ? {
          rows: scope.tensors.map(({ name }) => name),
          columns: Array.from({ length: modes }, (_, m) => m + 1),
          values: layers.map((row) => [...row.subarray(0, modes)]),
        }
      : undefined,
    why: whyOf(
      moved === 0 && 'no weight moves within what is remembered',
      correlations.some((_, m) => count(m) === 0) && 'a mode without weights has no mean',
      !apart && `layers are not told apart among ${scope.indices.length} tensors`
    ),
  }
}

/** Finds the weight of a row of the scope. */
function weightAt({ tensors }: CmdContext['scope'], row: number) {
  const tensor = tensors.findLast(({ tile }) => tile * tileRows <= row)!
  return elementOf(tensor, row - tensor.tile * tileRows)
}
