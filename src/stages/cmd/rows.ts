import type { Block } from '../../engine/block.ts'
import { type Scope, tileRows } from '../../engine/scope.ts'
import type { Arena } from '../../kernels/arena.ts'
import { TileSums } from '../../kernels/sums.ts'
import type { Factor } from '../factor.ts'
import { turns } from './factor.ts'
import { cmdKernels, type Moments } from './kernels.ts'
import type { Piece } from './pieces.ts'
import { type CmdScratch, layersOf } from './scratch.ts'
import { noMode, openTile, tileBytes } from './state.ts'

/** Where a shard's rows are, and what a step works with. */
export interface CmdRows {
  readonly arena: Arena
  readonly scope: Scope
  /** Address of the state. */
  readonly rows: number
  readonly scratch: CmdScratch
  /** The `modes` option, which fixes the layout. */
  readonly most: number
}

/** What a step does with each row, in this order. */
export interface RowWork {
  readonly commit: boolean
  /** References there are. */
  readonly modes: number
  /** Columns against all references. */
  readonly all?: Piece
  readonly chooses?: boolean
  /** Columns against each row's own reference and its runner-up, which a full block then checks. */
  readonly own?: Piece
  /** B, from which tiles whose number is `turn` modulo `turns` take runners-up, or all tiles modes too. */
  readonly propose?: { readonly factor: Factor; readonly turn: number | 'all' }
  /** Largest |corr| that rounding explains, where the sums are wanted. */
  readonly measure?: number
}

export interface RowSums {
  readonly sums: TileSums
  /** For each layer: weights of each mode, weights that moved without a mode, rows that did not move. */
  readonly counts: Uint32Array
}

/**
 * Takes every row of the shard one block further, tile by tile. A peek works on a copy of each tile, so that it may go
 * through the same phases and leaves the state as it was.
 */
export function passRows(stage: CmdRows, block: Block, work: RowWork): RowSums {
  const { arena, scope, scratch, most } = stage
  const { commit, modes, all, chooses, own, propose, measure } = work
  const kernels = arena.kernels(cmdKernels)
  const { pointer, stride, elementBytes } = block.of(0)
  const { high, low } = block.positions
  const bytes = tileBytes(most)
  const memory = arena.u8(0, arena.buffer.byteLength)
  const layers = layersOf(scope)
  const counts = arena.u32(scratch.counts, layers * (modes + 2)).fill(0)
  const sums = new TileSums(arena, scratch.sums, scope, 4 + modes)
  let layer = 0
  for (const segment of scope.segments) {
    for (let t = 0; t < segment.tiles; t++) {
      const index = segment.index + t
      const first = (segment.tile + t) * tileRows
      const kept = stage.rows + (index - scope.from) * bytes
      const tile = commit ? kept : scratch.tile
      if (!commit) memory.copyWithin(tile, kept, kept + bytes)
      const moments = ({ first: from, count, table, weights, rho, width }: Piece): Moments => [
        pointer + first * elementBytes,
        stride,
        elementBytes,
        from,
        count,
        high + 4 * first,
        low + 4 * first,
        table,
        weights,
        rho,
        width,
        modes,
        tile,
      ]
      if (all) kernels.cmd_moments_all(...moments(all), scratch.rows)
      if (chooses) kernels.cmd_choose(scratch.chooseScale, modes, tile, scratch.rows)
      if (own) {
        kernels.cmd_moments_own(...moments(own))
        if (commit) kernels.cmd_check(scratch.scale, modes, tile)
      }
      if (propose && (propose.turn === 'all' || index % turns === propose.turn)) {
        const { pointer, storageBytes, room, kept } = propose.factor
        if (propose.turn === 'all') {
          const { mode, rival } = openTile(arena.buffer, tile, most)
          mode.fill(noMode)
          rival.fill(noMode)
        }
        kernels.cmd_propose(
          pointer + (index - scope.from) * room * tileRows * storageBytes,
          storageBytes,
          kept(),
          scratch.references,
          scratch.scale,
          modes,
          tile,
          scratch.rows
        )
      }
      if (measure === undefined) continue
      while (layers > 1 && index >= scope.tensors[layer]!.tile + scope.tensors[layer]!.tiles)
        layer++
      sums.depth = kernels.cmd_measure(
        tile,
        scratch.scale,
        modes,
        measure,
        scratch.counts + 4 * layer * (modes + 2),
        index,
        sums.from,
        sums.pointer,
        sums.depth
      )
    }
  }
  return { sums, counts }
}
