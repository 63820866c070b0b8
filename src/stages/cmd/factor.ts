import type { Block, Step } from '../../stage/index.ts'
import { clusterRows } from './cluster.ts'
import type { CmdInstance } from './instance.ts'
import { fillScale } from './pieces.ts'
import { phase } from './state.ts'
import { gather, joined, trace, traceFactor, traceMoments } from './trace.ts'

/** Every eighth block, in turn, a tile's runners-up are looked over. */
export const turns = 8

/**
 * Ends the warm-up of a stage that reads a factor: picks the references out of the sampled weights by B and E alone,
 * corr = <B_i, B_j> / √(E_i E_j). E and mean of all rows and B itself go back to the first step, so the modes that B proposes
 * begin with the moments of the whole window.
 *
 * @returns whether anything has moved; then the references' rows of B lie ready for the kernels
 */
export function* chooseByFactor(instance: CmdInstance, block: Block): Step<boolean> {
  const { arena, scope, options, header, scratch, samples } = instance
  const factor = instance.factor!
  const [weights, moments, rows] = yield* gather(
    scope,
    trace(instance, block, [], samples),
    traceMoments(instance, samples),
    traceFactor(instance, factor, samples)
  )
  const columns = factor.kept
  const clock = (i: number): Float64Array => rows.subarray(i * columns, (i + 1) * columns)
  const moving = samples.flatMap((_, i) => (moments[2 * i]! > 0 ? [i] : []))
  const units = moving.map((i) => clock(i).map((value) => value / Math.sqrt(moments[2 * i]!)))
  const found = clusterRows(units, options.modes, arena, scratch.cluster).map((i) => moving[i]!)
  if (found.length === 0) return false
  header.reference.set(found)
  header.modes = found.length
  header.phase = phase.track
  found.forEach((i, m) => {
    header.origin[m] = weights[i]!
    header.energy[m] = moments[2 * i]!
    header.mean[m] = moments[2 * i + 1]!
  })
  fillScale(instance, scratch.scale)
  arena.f64(scratch.references, found.length * columns).set(joined(...found.map(clock)))
  return true
}
