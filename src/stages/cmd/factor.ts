import type { Block } from '../../engine/block.ts'
import { type Scope, tileRows } from '../../engine/scope.ts'
import type { Step } from '../../engine/stage.ts'
import type { Arena } from '../../kernels/arena.ts'
import { countsTree } from '../../kernels/tree.ts'
import type { Factor } from '../factor.ts'
import { clusterRows } from './cluster.ts'
import { fillScale } from './pieces.ts'
import type { CmdRows } from './rows.ts'
import type { Place } from './sample.ts'
import { type CmdHeader, openTile, phase, slot, tileBytes } from './state.ts'
import { joined, trace } from './trace.ts'

/** Every eighth block, in turn, a tile's runners-up are looked over. */
export const turns = 8

/** Rows of B at some places, `kept` values for each; -Infinity where the row lies in another shard. */
export function traceFactor(
  arena: Arena,
  scope: Scope,
  { pointer, storageBytes, room, kept }: Factor,
  places: readonly Place[]
): Float64Array {
  const memory = new DataView(arena.buffer)
  const columns = kept()
  const values = new Float64Array(places.length * columns).fill(-Infinity)
  places.forEach(({ tile, row }, n) => {
    if (tile < scope.from || tile >= scope.to) return
    for (let i = 0; i < columns; i++) {
      const element = ((tile - scope.from) * room + i) * tileRows + row
      const address = pointer + storageBytes * element
      values[n * columns + i] =
        storageBytes === 8 ? memory.getFloat64(address, true) : memory.getFloat32(address, true)
    }
  })
  return values
}

/** E and mean at some places; -Infinity where the row lies in another shard. */
function traceMoments(
  { arena, scope, rows, most }: CmdRows,
  places: readonly Place[]
): Float64Array {
  const values = new Float64Array(2 * places.length).fill(-Infinity)
  places.forEach(({ tile, row }, n) => {
    if (tile < scope.from || tile >= scope.to) return
    const own = openTile(arena.buffer, rows + (tile - scope.from) * tileBytes(most), most)
    values.set([own.energy[row]!, own.mean[row]!], 2 * n)
  })
  return values
}

/**
 * Ends the warm-up of a stage that reads a factor: picks the references out of the sampled weights by B and E alone,
 * corr = <B_i, B_j> / √(E_i E_j). E and mean of all rows and B itself go back to the first step, so the modes that B proposes
 * begin with the moments of the whole window.
 *
 * @returns the references' rows of B; undefined while nothing has moved
 */
export function* chooseByFactor(
  rows: CmdRows,
  { figures, reference, mean, energy, weight }: CmdHeader,
  samples: readonly Place[],
  block: Block,
  factor: Factor
): Step<Float64Array | undefined> {
  const { arena, scope, scratch, most } = rows
  const { max } = yield {
    add: countsTree(scope, [0]),
    max: joined(
      trace(arena, scope, block, [], samples),
      traceMoments(rows, samples),
      traceFactor(arena, scope, factor, samples)
    ),
  }
  const columns = factor.kept()
  const moments = max.subarray(samples.length)
  const clock = (i: number): Float64Array => {
    const first = 3 * samples.length + i * columns
    return max.subarray(first, first + columns)
  }
  const moving = samples.flatMap((_, i) => (moments[2 * i]! > 0 ? [i] : []))
  const units = moving.map((i) => clock(i).map((value) => value / Math.sqrt(moments[2 * i]!)))
  const found = clusterRows(units, most, arena, scratch.cluster).map((i) => moving[i]!)
  if (found.length === 0) return undefined
  reference.set(found)
  figures[slot.modes] = found.length
  figures[slot.phase] = phase.track
  found.forEach((i, m) => {
    weight[m] = max[i]!
    energy[m] = moments[2 * i]!
    mean[m] = moments[2 * i + 1]!
  })
  fillScale({ figures, energy }, arena.f64(scratch.scale, found.length + 1))
  return joined(...found.map(clock))
}
