import { type Block, TileSums, tileRows } from '../../stage/index.ts'
import { turns } from './factor.ts'
import type { CmdInstance } from './instance.ts'
import { cmdKernels } from './kernels.gen.ts'
import type { Piece } from './pieces.ts'
import { layersOf } from './scratch.ts'
import { noMode, openTile, tileBytes } from './state.ts'

/** What a step does with each row, in this order. */
export interface RowWork {
  /** Columns against all references. */
  readonly all?: Piece
  readonly chooses?: boolean
  /** Columns against each row's own reference and its runner-up, which a full block then checks. */
  readonly own?: Piece
  /** Which tiles take runners-up from B: those whose number is this modulo `turns`, or all, which take modes too. */
  readonly propose?: number | 'all'
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
export function passRows(
  { arena, scope, rows, options, header, scratch, factor }: CmdInstance,
  block: Block,
  commit: boolean,
  { all, chooses, own, propose, measure }: RowWork
): RowSums {
  const { modes } = header
  const kernels = arena.kernels(cmdKernels)
  const { pointer, stride, elementBytes } = block.of(0)
  const { high, low } = block.positions
  const bytes = tileBytes(options.modes)
  const memory = arena.u8(0, arena.buffer.byteLength)
  const layers = layersOf(scope)
  const counts = arena.u32(scratch.counts, layers * (modes + 2)).fill(0)
  const sums = new TileSums(arena, scratch.sums, scope, 4 + modes)
  let layer = 0
  for (const segment of scope.segments) {
    for (let t = 0; t < segment.tiles; t++) {
      const index = segment.index + t
      const first = (segment.tile + t) * tileRows
      const kept = rows + (index - scope.from) * bytes
      const tile = commit ? kept : scratch.tile
      if (!commit) memory.copyWithin(tile, kept, kept + bytes)
      const moments = (piece: Piece) => ({
        x: pointer + first * elementBytes,
        stride,
        elementBytes,
        high: high + 4 * first,
        low: low + 4 * first,
        piece,
        modes,
        tile,
        scratch: scratch.rows,
      })
      if (all) kernels.cmd_moments_all(moments(all))
      if (chooses) {
        kernels.cmd_choose({ scale: scratch.chooseScale, modes, tile, scratch: scratch.rows })
      }
      if (own) {
        kernels.cmd_moments_own(moments(own))
        if (commit) kernels.cmd_check({ scale: scratch.scale, modes, tile })
      }
      if (propose === 'all') {
        const { mode, rival } = openTile(arena.buffer, tile, options.modes)
        mode.fill(noMode)
        rival.fill(noMode)
      }
      if (factor && (propose === 'all' || index % turns === propose)) {
        const { pointer, storageBytes, room, kept } = factor
        kernels.cmd_propose({
          b: pointer + (index - scope.from) * room * tileRows * storageBytes,
          elementBytes: storageBytes,
          kept,
          references: scratch.references,
          scale: scratch.scale,
          modes,
          tile,
          scratch: scratch.rows,
        })
      }
      if (measure === undefined) continue
      while (layers > 1 && index >= scope.tensors[layer]!.tile + scope.tensors[layer]!.tiles)
        layer++
      sums.depth = kernels.cmd_measure({
        tile,
        scale: scratch.scale,
        modes,
        limit: measure,
        counts: scratch.counts + 4 * layer * (modes + 2),
        index,
        sums,
      })
    }
  }
  return { sums, counts }
}
