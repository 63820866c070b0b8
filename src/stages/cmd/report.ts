import type { ScopeShape } from '../../engine/scope.ts'
import { tileRows } from '../../engine/scope.ts'
import type { PlanShape, Values } from '../../engine/stage.ts'
import type { CmdOptions } from './index.ts'
import type { Place } from './sample.ts'
import { layersOf } from './scratch.ts'
import { type CmdHeader, phase, slot } from './state.ts'

/** Figures while modes are not chosen yet: all null, and why. */
export function pendingValues(
  { figures }: CmdHeader,
  { upstream }: PlanShape,
  { warmup, choose }: CmdOptions,
  nullValues: Values | undefined
): Values {
  const samples = figures[slot.samples]!
  const isWarmup = figures[slot.phase] === phase.warmup
  const [name, seen, of] = isWarmup
    ? ['warmup', figures[slot.recorded], warmup]
    : ['choose', samples, choose]
  const why = upstream
    ? `modes are chosen from stage "${upstream.id}" at the end of a full block, after ${warmup} recorded steps and once a sampled weight has moved; there are ${samples} steps`
    : `modes are chosen after ${warmup} + ${choose} recorded steps; ${name} has ${seen} of ${of}${isWarmup ? ', and begins again if no sampled weight moves' : ''}`
  return {
    phase: name,
    modes: null,
    explained: null,
    explainedNull: nullValues?.explained ?? null,
    meanAbsCorrelation: null,
    meanAbsCorrelationNull: nullValues?.meanAbsCorrelation ?? null,
    constants: null,
    unassigned: null,
    reassigned: 0,
    window: samples === 0 ? null : [figures[slot.from]!, figures[slot.to]!],
    breaks: figures[slot.breaks]!,
    skipped: figures[slot.skipped]!,
    why,
  }
}

/**
 * Figures of the tracked modes.
 *
 * @param total sums of `cmd_measure`
 * @param members its counts, for each layer or for all
 */
export function trackValues(
  scope: ScopeShape,
  { figures }: CmdHeader,
  references: readonly Place[],
  { total, members }: { readonly total: Float64Array; readonly members: Float64Array },
  nullValues: Values | undefined
): Values {
  const modes = references.length
  const layers = layersOf(scope)
  const layerCounts = Array.from({ length: layers }, (_, layer) =>
    members.subarray(layer * (modes + 2), (layer + 1) * (modes + 2))
  )
  const count = (group: number): number => layerCounts.reduce((sum, row) => sum + row[group]!, 0)
  const moved = scope.rows - constantsOf(scope, count(modes + 1))
  const energy = total[1]!
  const correlations = total.subarray(4, 4 + modes)
  const why = [
    ...(moved > 0 ? [] : ['no weight has moved since the window began']),
    ...(references.some((_, m) => count(m) === 0) ? ['a mode without weights has no mean'] : []),
    ...(nullValues === undefined ? ["the null's sample has no rows of this scope"] : []),
    ...(nullValues?.explained === null ? ["the null's rows have not moved"] : []),
    ...(layers === scope.tensors.length
      ? []
      : [`layers are not told apart among ${scope.tensors.length} tensors`]),
  ]
  return {
    phase: 'track',
    modes: references.map(({ tensor, index }, m) => ({
      size: count(m),
      meanAbsCorrelation: count(m) > 0 ? correlations[m]! / count(m) : null,
      reference: { tensor: tensor.name, index },
    })),
    explained: energy > 0 ? 1 - total[2]! / energy : null,
    explainedNull: nullValues?.explained ?? null,
    meanAbsCorrelation: moved > 0 ? correlations.reduce((sum, c) => sum + c, 0) / moved : null,
    meanAbsCorrelationNull: nullValues?.meanAbsCorrelation ?? null,
    constants: scope.rows - moved,
    unassigned: count(modes),
    reassigned: total[3]!,
    window: [figures[slot.from]!, figures[slot.to]!],
    breaks: figures[slot.breaks]!,
    skipped: figures[slot.skipped]!,
    layers:
      layers === scope.tensors.length
        ? scope.tensors.map(({ name }, layer) => ({
            tensor: name,
            sizes: [...layerCounts[layer]!.subarray(0, modes)],
          }))
        : undefined,
    why: why.length > 0 ? why.join('; ') : undefined,
  }
}

/** Rows that did not move, without those that only fill up tiles. */
function constantsOf({ rows, tiles }: ScopeShape, still: number): number {
  return still - (tiles * tileRows - rows)
}
