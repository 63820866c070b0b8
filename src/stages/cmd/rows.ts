import { triangleSize } from '../../linalg/triangular.ts'
import { type Block, type Step, sumsBytes, TileSums, tileRows } from '../../stage/index.ts'
import { cmdKernels, type Looked } from './kernels.gen.ts'
import type { CmdContext, CmdOptions, CmdShape } from './spec.ts'
import { type CmdHeader, columnsOf, openTile, tileBytes } from './state.ts'

/** Beyond this many tensors their modes are not counted apart. */
const mostLayers = 256

/** Bytes of the kernels' panel for M of l + n columns. */
const panelBytes = (l: number, n: number): number => 512 * (l + n + 6) + 32 * n

/** Width of the sums that make MᵀM of k columns. */
const gramWidth = (k: number): number => 3 + triangleSize(k)

/** Lays out what the pass over rows uses within a step, from an address on. */
export function layRows(address: number, { scope, block }: CmdShape, options: CmdOptions) {
  const { modes } = options
  const columns = columnsOf(options)
  let next = address
  const take = (bytes: number): number => {
    const taken = next
    next += 16 * Math.ceil(bytes / 16)
    return taken
  }
  const most = columns + block
  const layers = scope.tensors.length <= mostLayers ? scope.tensors.length : 1
  return {
    layers,
    roots: take(8 * block),
    panel: take(panelBytes(columns, block)),
    rotation: take(4 * most * columns),
    /** A tile in a peek. */
    tile: take(tileBytes(columns)),
    /** For each tile of the shard the sum of E, and how many rows have moved. */
    moved: take(16 * scope.tiles),
    references: take(4 * modes * columns),
    counts: take(4 * layers * (modes + 2)),
    sums: take(sumsBytes(scope.tiles, Math.max(gramWidth(most), 5 + modes))),
    end: next,
  }
}

/** What each row found: sums over tiles, and counts for each layer, as `cmd_assign` makes them. */
export interface Assigned {
  readonly sums: TileSums
  readonly counts: Uint32Array
}

/** The moments of all rows together, after a block. */
export interface Moments {
  readonly energy: number
  readonly moving: number
  /** MᵀM, the upper triangle packed by rows. */
  readonly gram: Float64Array
}

/**
 * The rows of a shard as a block leaves them. A step that commits writes them; a peek looks at copies, each made anew whenever
 * it is asked for.
 */
export function openRows(
  { arena, scope, rows, options, shape }: CmdContext,
  header: CmdHeader,
  scratch: ReturnType<typeof layRows>,
  block: Block,
  commit: boolean
) {
  const kernels = arena.kernels(cmdKernels)
  const columns = columnsOf(options)
  const bytes = tileBytes(columns)
  const { pointer, stride, elementBytes } = block.of(shape.member)
  const { high, low } = block.positions
  const { panel } = scratch
  let pass: Omit<Parameters<typeof kernels.cmd_turn>[0], 'tile' | 'columns' | 'moved'> | undefined

  const stateOf = (index: number): number => rows + (index - scope.from) * bytes
  const movedOf = (index: number): number => scratch.moved + 16 * (index - scope.from)
  const columnsAt = (row: number) => ({
    x: pointer + row * elementBytes,
    stride,
    elementBytes,
    high: high + 4 * row,
    low: low + 4 * row,
  })

  /** Where a tile's rows lie in the shard's columns. */
  const rowOf = (index: number): number => {
    const segment = scope.segments.find((own) => index < own.index + own.tiles)!
    return (segment.tile + index - segment.index) * tileRows
  }

  /** The address of a tile after the block; in a peek that of a copy, until the next one is asked for. */
  const tileAt = (index: number, row: number): number => {
    if (commit) return stateOf(index)
    arena.u8(scratch.tile, bytes).set(arena.u8(stateOf(index), bytes))
    if (pass) turn(index, row, scratch.tile)
    return scratch.tile
  }
  const turn = (index: number, row: number, tile: number): void => {
    kernels.cmd_turn({ ...pass!, tile, columns: columnsAt(row), moved: movedOf(index) })
  }
  function* tiles(): Generator<{ index: number; row: number }> {
    for (const segment of scope.segments) {
      for (let t = 0; t < segment.tiles; t++) {
        yield { index: segment.index + t, row: (segment.tile + t) * tileRows }
      }
    }
  }

  return {
    /** The moments after the block's positions, and the Gram matrix of [B Y]. */
    *gram(looked: Looked): Step<Moments> {
      const { kept } = header
      const sums = new TileSums(arena, scratch.sums, scope, gramWidth(kept + looked.taken))
      for (const { index, row } of tiles()) {
        const tile = stateOf(index)
        const columns = columnsAt(row)
        sums.depth = kernels.cmd_gram({ tile, kept, columns, looked, index, sums, panel })
      }
      const { add } = yield { add: sums.partial(scope.to) }
      return { energy: add[1]!, moving: add[2]!, gram: add.subarray(3) }
    },

    /** Moves all rows past the block's positions: B <- [B Y] R, R in rows of `turned`. */
    turn(looked: Looked, r: Float64Array, turned: number): void {
      arena.f32(scratch.rotation, r.length).set(r)
      pass = { looked, r: scratch.rotation, kept: header.kept, turned, panel }
      for (const { index, row } of tiles()) {
        if (commit) turn(index, row, stateOf(index))
        else tileAt(index, row)
      }
    },

    /** The sum of E over a tile, and how many of its rows have moved; undefined where it lies in another shard. */
    moved(index: number): Float64Array | undefined {
      if (index < scope.from || index >= scope.to) return undefined
      return arena.f64(movedOf(index), 2)
    },

    /** A tile's rows, until another tile's are asked for; undefined where they lie in another shard. */
    tile(index: number) {
      if (index < scope.from || index >= scope.to) return undefined
      const row = rowOf(index)
      const { mean, energy, factor } = openTile(arena.buffer, tileAt(index, row), columns)
      const origins = block.weights === 0 ? undefined : arena.f32(block.weights + 4 * row, tileRows)
      return { mean, energy, factor, origins }
    },

    /** Gives every row the best of the references. */
    assign(): Assigned {
      const { modes, kept } = header
      const { references, layers, panel: room } = scratch
      const counts = arena.u32(scratch.counts, layers * (modes + 2)).fill(0)
      const rowsOfB = arena.f32(references, modes * kept)
      for (let m = 0; m < modes; m++) {
        rowsOfB.set(header.factor.subarray(m * columns, m * columns + kept), m * kept)
      }
      const sums = new TileSums(arena, scratch.sums, scope, 5 + modes)
      let layer = 0
      for (const { index, row } of tiles()) {
        const tensor = scope.tensors
        while (layers > 1 && index >= tensor[layer]!.tile + tensor[layer]!.tiles) layer++
        sums.depth = kernels.cmd_assign({
          tile: tileAt(index, row),
          kept,
          references,
          modes,
          counts: scratch.counts + 4 * layer * (modes + 2),
          index,
          sums,
          scratch: room,
        })
      }
      return { sums, counts }
    },
  }
}

export type Rows = ReturnType<typeof openRows>
export type TileView = NonNullable<ReturnType<Rows['tile']>>
