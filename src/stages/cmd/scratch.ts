import { type ScopeShape, sumsBytes, tileRows } from '../../stage/index.ts'
import { clusterBytes } from './cluster.ts'
import { openPiece, pieceBytes } from './pieces.ts'
import { samplesIn } from './sample.ts'
import type { CmdOptions, CmdShape } from './spec.ts'
import { tileBytes } from './state.ts'

/** Beyond this many tensors their modes are not counted apart. */
const mostLayers = 256

/** Tensors whose modes are counted apart, or 1 for all together. */
export function layersOf({ tensors }: ScopeShape): number {
  return tensors.length <= mostLayers ? tensors.length : 1
}

/** Lays a step's scratch memory out from an address; clustering, which comes before the pass over rows, overlies it. */
export function layScratch(address: number, shape: CmdShape, { modes, samples }: CmdOptions) {
  const { scope, block } = shape
  const { columns } = shape.facts.factor ?? { columns: 0 }
  let next = address
  const take = (bytes: number): number => {
    const taken = next
    next += 16 * Math.ceil(bytes / 16)
    return taken
  }
  const piece = () => openPiece(take(pieceBytes(modes, block)), modes, block)
  const places = {
    cluster: address,
    /** Columns for all references, then columns for each row's own. */
    all: piece(),
    own: piece(),
    chooseScale: take(8 * (modes + 1)),
    scale: take(8 * (modes + 1)),
    /** What the kernels use within a tile. */
    rows: take(16 * Math.max(block, tileRows, 2 * (columns + modes))),
    /** Rows of the factor that modes are proposed from, those of the references. */
    references: take(8 * modes * columns),
    /** A tile's state in a peek. */
    tile: take(tileBytes(modes)),
    counts: take(4 * layersOf(scope) * (modes + 2)),
    sums: take(sumsBytes(scope.tiles, 4 + modes)),
  }
  return { ...places, bytes: Math.max(next - address, clusterBytes(samplesIn(scope, samples))) }
}

export type CmdScratch = ReturnType<typeof layScratch>
