import { elementOf, tileRows, whyOf } from '../../stage/index.ts'
import { type CmdInstance, referencesOf } from './instance.ts'
import { layersOf } from './scratch.ts'
import type { CmdValues } from './spec.ts'
import { type CmdHeader, phase } from './state.ts'

/** All figures in their order, those of the modes not known yet. */
function unknownValues(
  name: CmdValues['phase'],
  header: CmdHeader,
  walk: CmdValues | undefined
): CmdValues {
  return {
    phase: name,
    modes: null,
    explained: Number.NaN,
    explainedNull: walk?.explained ?? Number.NaN,
    meanAbsCorrelation: Number.NaN,
    meanAbsCorrelationNull: walk?.meanAbsCorrelation ?? Number.NaN,
    constants: Number.NaN,
    unassigned: Number.NaN,
    reassigned: 0,
    window: header.samples === 0 ? null : [header.from, header.to],
    breaks: header.breaks,
    skipped: header.skipped,
  }
}

/** Figures while modes are not chosen yet, and why. */
export function pendingValues(
  { header, shape: { sources }, options: { warmup, choose } }: CmdInstance,
  walk: CmdValues | undefined
): CmdValues {
  const { samples, recorded } = header
  const isWarmup = header.phase === phase.warmup
  const name = isWarmup ? 'warmup' : 'choose'
  const progress = isWarmup
    ? `${recorded} of ${warmup}, and begins again if no sampled weight moves`
    : `${samples} of ${choose}`
  const why = sources.factor
    ? `modes are chosen from stage "${sources.factor}" at the end of a full block, after ${warmup} recorded steps and once a sampled weight has moved; there are ${samples} steps`
    : `modes are chosen after ${warmup} + ${choose} recorded steps; ${name} has ${progress}`
  return { ...unknownValues(name, header, walk), why }
}

/**
 * Figures of the tracked modes.
 *
 * @param total sums of `cmd_measure`
 * @param members its counts, for each layer or for all
 */
export function trackValues(
  instance: CmdInstance,
  total: Float64Array,
  members: Float64Array,
  walk: CmdValues | undefined
): CmdValues {
  const { scope, header } = instance
  const references = referencesOf(instance)
  const modes = references.length
  const layers = layersOf(scope)
  const apart = layers === scope.indices.length
  const layerCounts = Array.from({ length: layers }, (_, layer) =>
    members.subarray(layer * (modes + 2), (layer + 1) * (modes + 2))
  )
  const count = (group: number): number => layerCounts.reduce((sum, row) => sum + row[group]!, 0)
  // Rows that did not move, without those that only fill up tiles.
  const constants = count(modes + 1) - (tileRows * scope.tiles - scope.rows)
  const moved = scope.rows - constants
  const energy = total[1]!
  const correlations = total.subarray(4, 4 + modes)
  return {
    ...unknownValues('track', header, walk),
    modes: references.map(({ tensor, index }, m) => ({
      size: count(m),
      meanAbsCorrelation: count(m) > 0 ? correlations[m]! / count(m) : Number.NaN,
      reference: elementOf(tensor, index),
    })),
    explained: energy > 0 ? 1 - total[2]! / energy : Number.NaN,
    meanAbsCorrelation:
      moved > 0 ? correlations.reduce((sum, c) => sum + c, 0) / moved : Number.NaN,
    constants,
    unassigned: count(modes),
    reassigned: total[3]!,
    layers: apart
      ? {
          rows: scope.tensors.map(({ name }) => name),
          columns: references.map((_, m) => m + 1),
          values: layerCounts.map((row) => [...row.subarray(0, modes)]),
        }
      : undefined,
    why: whyOf(
      moved === 0 && 'no weight has moved since the window began',
      references.some((_, m) => count(m) === 0) && 'a mode without weights has no mean',
      walk === undefined && "the null's sample has no rows of this scope",
      walk !== undefined && Number.isNaN(walk.explained) && "the null's rows have not moved",
      !apart && `layers are not told apart among ${scope.indices.length} tensors`
    ),
  }
}
