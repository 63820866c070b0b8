import { type Scope, tileRows } from '../../engine/scope.ts'
import type { Arena } from '../../kernels/arena.ts'
import type { Factor } from '../svd/factor.ts'
import { clusterRows } from './cluster.ts'
import type { CmdRows } from './rows.ts'
import type { Place } from './sample.ts'
import { openTile, tileBytes } from './state.ts'

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
export function traceMoments(
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
 * Picks the references of at most `modes` modes out of sampled weights by B and E alone: corr = <B_i, B_j> / √(E_i E_j).
 * Weights that stood still take no part.
 *
 * @param factor rows of B, as many values for each weight
 * @param moments E and mean of each
 * @returns indices of weights
 */
export function referencesByFactor(
  factor: Float64Array,
  moments: Float64Array,
  modes: number,
  arena: Arena,
  scratch: number
): number[] {
  const count = moments.length / 2
  const columns = factor.length / count
  const indices = Array.from({ length: count }, (_, i) => i).filter((i) => moments[2 * i]! > 0)
  const rows = indices.map((i) => {
    const norm = Math.sqrt(moments[2 * i]!)
    return factor.slice(i * columns, (i + 1) * columns).map((value) => value / norm)
  })
  return clusterRows(rows, modes, arena, scratch).map((i) => indices[i]!)
}
