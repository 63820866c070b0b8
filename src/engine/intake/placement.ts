import { tileRows } from '../../stage/scope.ts'
import { type Dtype, dtypeBytes, type Tensor } from '../../wire/frame.ts'
import { stretches } from '../planning/fold.ts'
import type { Place } from '../planning/layout.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import { copyIn, foldIn, foldSparseIn, type Patch, scatterIn } from './staging.ts'

/** Rows of every shard, for example those of a column. */
export interface RowsAt {
  /** Address of a shard's first row. */
  address(shard: Shard): number
  readonly elementBytes: 4 | 8
}

/**
 * Writes elements of tensors to the rows of the shards that hold them. f32 is copied; a kernel widens or rounds other types on the
 * way. Tensors that are not selected have no rows. In a sketch, folded elements are added.
 */
export class Placement {
  readonly #shards: readonly Shard[]
  readonly #places: ReadonlyMap<Tensor, Place>
  readonly #seed: number

  constructor({ plan: { open, layout, settings }, here }: Shards) {
    this.#shards = here
    this.#seed = settings.seed
    this.#places = new Map([...layout.places].map(([i, place]) => [open.tensors[i]!, place]))
  }

  /** Before a step, clears the rows that are added to. */
  clear(target: RowsAt): void {
    for (const { row, rows, offset, folded } of this.#places.values()) {
      if (!folded || offset > 0) continue
      for (const shard of this.#shards) {
        const first = Math.max(row, shard.from * tileRows)
        const last = Math.min(row + rows, shard.to * tileRows)
        if (first < last) rowsOf(shard, target, first, last).fill(0)
      }
    }
  }

  /** Zeroes elements [from, to) of a tensor. */
  zero(target: RowsAt, tensor: Tensor, from: number, to: number): void {
    const place = this.#places.get(tensor)
    if (!place || place.folded) return
    this.#eachRun(place, from, to, (shard, row, first, last) => {
      rowsOf(shard, target, row, row + last - first).fill(0)
    })
  }

  /** Writes or adds elements from `offset` on. Returns how many of them, in this thread's shards, cannot be used. */
  dense(target: RowsAt, tensor: Tensor, offset: number, bytes: Uint8Array, dtype: Dtype): number {
    const place = this.#places.get(tensor)
    if (!place) return 0
    const width = dtypeBytes[dtype]
    let bad = 0
    this.#eachRun(place, offset, offset + bytes.length / width, (shard, row, first, last) => {
      const own = bytes.subarray((first - offset) * width, (last - offset) * width)
      const address = addressOf(shard, target, row)
      bad += place.folded
        ? foldIn(shard, address, own, dtype, place.offset + first, this.#seed)
        : copyIn(shard, address, own, dtype, target.elementBytes)
    })
    return bad
  }

  /** The same as `dense` for a sparse patch. */
  sparse(target: RowsAt, tensor: Tensor, patch: Patch, dtype: Dtype): number {
    const place = this.#places.get(tensor)
    if (!place) return 0
    let bad = 0
    this.#shards.forEach((shard, k) => {
      const end = shard.to * tileRows
      const from = Math.min(Math.max(place.row, shard.from * tileRows), end)
      const to = Math.max(from, Math.min(place.row + place.rows, end))
      if (k > 0 && from === to) return
      const first = from - place.row
      const last = to - place.row
      const own = place.folded
        ? foldSparseIn(shard, addressOf(shard, target, from), patch, dtype, {
            offset: place.offset,
            first,
            last,
            seed: this.#seed,
          })
        : scatterIn(shard, rowsOf(shard, target, from, to), patch, dtype, first - place.offset)
      if (k === 0) bad += own
    })
    return bad
  }

  /** Calls `body` for each run of elements [first, last) of a tensor that lies in consecutive rows of one shard. */
  #eachRun(
    place: Place,
    from: number,
    to: number,
    body: (shard: Shard, row: number, first: number, last: number) => void
  ): void {
    for (const stretch of stretches(place, from, to, this.#seed)) {
      const end = stretch.row + stretch.last - stretch.first
      for (const shard of this.#shards) {
        const row = Math.max(stretch.row, shard.from * tileRows)
        const first = stretch.first + row - stretch.row
        const last = first + Math.min(end, shard.to * tileRows) - row
        if (first < last) body(shard, row, first, last)
      }
    }
  }
}

/** Address, in a shard's target, of a row of the layout. */
function addressOf(shard: Shard, target: RowsAt, row: number): number {
  return target.address(shard) + (row - shard.from * tileRows) * target.elementBytes
}

/** Rows [from, to) of a target, all in one shard. */
function rowsOf(
  shard: Shard,
  target: RowsAt,
  from: number,
  to: number
): Float32Array | Float64Array {
  const address = addressOf(shard, target, from)
  return target.elementBytes === 8
    ? shard.arena.f64(address, to - from)
    : shard.arena.f32(address, to - from)
}
