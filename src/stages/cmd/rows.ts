import { triangleSize } from '../../linalg/triangular.ts'
import {
  type Block,
  type ScopeTensor,
  type Step,
  sumsBytes,
  TileSums,
  tileRows,
} from '../../stage/index.ts'
import { cmdKernels, type Looked } from './kernels.gen.ts'
import type { CmdContext, CmdOptions, CmdShape } from './spec.ts'
import { type CmdHeader, columnsOf, openTile, tileBytes } from './state.ts'

/** With more tensors than this, modes are not counted per tensor. */
const mostLayers = 256

/** Bytes of the kernels' panel for M with l + n columns. */
const panelBytes = (l: number, n: number): number => 512 * (l + n + 6) + 32 * n

/** Number of sums that make up MᵀM of k columns. */
const gramWidth = (k: number): number => 3 + triangleSize(k)

/** Lays out the memory that the pass over rows needs within a step, starting at an address. */
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
    /** The copy of a tile in a peek. */
    tile: take(tileBytes(columns)),
    /** For each tile of the shard: the sum of E, and the number of rows that have moved. */
    moved: take(16 * scope.tiles),
    references: take(4 * modes * columns),
    counts: take(4 * layers * (modes + 2)),
    sums: take(sumsBytes(scope.tiles, Math.max(gramWidth(most), 5 + modes))),
    end: next,
  }
}

/** The result of assigning the rows: sums over tiles, and counts for each layer, as `cmd_assign` makes them. */
export interface Assigned {
  readonly sums: TileSums
  readonly counts: Uint32Array
}

/** The moments of all rows together after a block. */
export interface Moments {
  readonly energy: number
  readonly moving: number
  /** MᵀM, its upper triangle packed by rows. */
  readonly gram: Float64Array
}

/** Consecutive tiles of the shard: the number of the first one in the scope, and its first row in the columns. */
interface Run {
  readonly index: number
  readonly row: number
  readonly length: number
  /** Number of the part of the scope that they belong to. */
  readonly part: number
}

/**
 * The rows of a shard as a block leaves them. A step that commits writes them. A peek works on copies, which are made anew for each
 * request.
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
  const whole = [{ tile: 0, tiles: scope.tiles }]
  const layers = scratch.layers > 1 ? scope.tensors : whole
  let pass:
    | Pick<Parameters<typeof kernels.cmd_turn>[0], 'looked' | 'r' | 'turned' | 'kept'>
    | undefined

  const stateOf = (index: number): number => rows + (index - scope.from) * bytes
  const columnsAt = (row: number) => ({
    x: pointer + row * elementBytes,
    stride,
    elementBytes,
    high: high + 4 * row,
    low: low + 4 * row,
  })

  /** First row of a tile in the shard's columns. */
  const rowOf = (index: number): number => {
    const segment = scope.segments.find((own) => index < own.index + own.tiles)!
    return (segment.tile + index - segment.index) * tileRows
  }

  /** Address of tiles after the block. In a peek: of the copy of one tile, valid until the next request. */
  const after = ({ index, row }: Pick<Run, 'index' | 'row'>): number => {
    if (commit) return stateOf(index)
    arena.copy(stateOf(index), scratch.tile, bytes)
    if (pass) turn({ index, row, length: 1 }, scratch.tile)
    return scratch.tile
  }
  const turn = ({ index, row, length }: Omit<Run, 'part'>, first: number): void => {
    kernels.cmd_turn({
      ...pass!,
      tiles: { first, length, pitch: bytes },
      columns: columnsAt(row),
      panel,
      moved: scratch.moved + 16 * (index - scope.from),
    })
  }

  /** Runs over the shard's tiles, each within one of some parts of the scope; one tile at a time in a peek, which has room for only one. */
  function* runs(
    parts: readonly Pick<ScopeTensor, 'tile' | 'tiles'>[],
    most = commit ? scope.tiles : 1
  ): Generator<Run> {
    for (const { index: start, tile: place, tiles: count } of scope.segments) {
      for (const [part, { tile, tiles }] of parts.entries()) {
        const end = Math.min(start + count, tile + tiles)
        for (let index = Math.max(start, tile); index < end; index += most) {
          const row = (place + index - start) * tileRows
          yield { index, row, length: Math.min(most, end - index), part }
        }
      }
    }
  }

  return {
    /** The moments after the block's positions, and the Gram matrix of [B Y]. */
    *gram(looked: Looked): Step<Moments> {
      const { kept } = header
      const sums = new TileSums(arena, scratch.sums, scope, gramWidth(kept + looked.taken))
      for (const { index, row, length } of runs(whole, scope.tiles)) {
        sums.depth = kernels.cmd_gram({
          tiles: { first: stateOf(index), length, pitch: bytes },
          kept,
          columns: columnsAt(row),
          looked,
          index,
          sums,
          panel,
        })
      }
      const { add } = yield { add: sums.partial(scope.to) }
      return { energy: add[1]!, moving: add[2]!, gram: add.subarray(3) }
    },

    /** Moves all rows past the block's positions: B <- [B Y] R, R in rows of `turned`. */
    turn(looked: Looked, r: Float64Array, turned: number): void {
      arena.f32(scratch.rotation, r.length).set(r)
      pass = { looked, r: scratch.rotation, kept: header.kept, turned }
      for (const run of runs(whole)) {
        if (commit) turn(run, stateOf(run.index))
        else after(run)
      }
    },

    /** For each tile of the shard: the sum of E, and the number of its rows that have moved. */
    moved: () => arena.f64(scratch.moved, 2 * (scope.to - scope.from)),

    /** The rows of a tile, valid until another tile is requested; undefined if they are on another shard. */
    tile(index: number) {
      if (index < scope.from || index >= scope.to) return undefined
      const row = rowOf(index)
      const { mean, energy, factor } = openTile(arena.buffer, after({ index, row }), columns)
      const origins = block.weights === 0 ? undefined : arena.f32(block.weights + 4 * row, tileRows)
      return { mean, energy, factor, origins }
    },

    /** Assigns the best reference to every row. */
    assign(): Assigned {
      const { modes, kept } = header
      const { references, panel: room } = scratch
      const counts = arena.u32(scratch.counts, layers.length * (modes + 2)).fill(0)
      const rowsOfB = arena.f32(references, modes * kept)
      for (let m = 0; m < modes; m++) {
        rowsOfB.set(header.factor.subarray(m * columns, m * columns + kept), m * kept)
      }
      const sums = new TileSums(arena, scratch.sums, scope, 5 + modes)
      for (const run of runs(layers)) {
        const { index, length, part } = run
        sums.depth = kernels.cmd_assign({
          tiles: { first: after(run), length, pitch: bytes },
          kept,
          references,
          modes,
          counts: scratch.counts + 4 * part * (modes + 2),
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
