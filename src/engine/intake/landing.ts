import { ThalwegError } from '../../error.ts'
import { type Dtype, dtypeBytes, type Payload, type Tensor } from '../../wire/frame.ts'
import { stretches } from '../planning/fold.ts'
import type { Place } from '../planning/layout.ts'
import { tileRows } from '../scope.ts'
import type { Shard } from '../shards/shard.ts'
import type { Shards } from '../shards/shards.ts'
import { copyIn, foldIn, foldSparseIn, scatterIn } from './staging.ts'

/** Where a frame's values go: a column, an anchor or a landing place of every shard. */
export interface Target {
  address(shard: Shard): number
  readonly elementBytes: 4 | 8
  /** True for an anchor, of which every element must come; a delta's missing elements are zero. */
  readonly whole: boolean
}

/** How far the parts of one step have come: the next tensor, and its next element. */
export interface Cursor {
  tensor: number
  element: number
}

/**
 * Copies payloads into the shards' memories, each byte once: f32 as it is, other types widened or rounded by a kernel
 * on the way. Every element of a target is written exactly once, so targets need no clearing; but where elements are
 * folded (a sketch) they are added.
 */
export class Landing {
  readonly #shards: Shards
  readonly #tensors: readonly Tensor[]
  readonly #places: ReadonlyMap<Tensor, Place>
  readonly #seed: number

  constructor(shards: Shards) {
    const { open, layout, settings } = shards.plan
    this.#shards = shards
    this.#tensors = open.tensors
    this.#seed = settings.seed
    this.#places = new Map([...layout.places].map(([i, place]) => [open.tensors[i]!, place]))
  }

  /**
   * Takes one part of a step. Returns the first tensor with a non-finite element, if any, in all shards.
   *
   * @throws E_PAYLOAD when parts overlap or leave out a tensor
   */
  part(
    target: Target,
    cursor: Cursor,
    at: number,
    data: readonly Payload[],
    dtype?: Dtype
  ): Tensor | undefined {
    let bad = Infinity
    if (cursor.tensor === 0 && cursor.element === 0) this.#clear(target)
    data.forEach((payload, i) => {
      const index = at + i
      this.#skipTo(target, cursor, index)
      const tensor = this.#tensors[index]!
      if (this.#payload(target, cursor, tensor, payload, dtype ?? tensor.dtype) > 0) {
        bad = Math.min(bad, index)
      }
    })
    return this.#tensors[-this.#shards.greatest(-bad)]
  }

  /** Ends a step: all tensors must have come. */
  finish(target: Target, cursor: Cursor): void {
    this.#skipTo(target, cursor, this.#tensors.length)
  }

  /** Closes the tensors before `index`, which must have begun. */
  #skipTo(target: Target, cursor: Cursor, index: number): void {
    if (index < cursor.tensor) throw this.#outOfOrder(index)
    for (; cursor.tensor < index; cursor.tensor++, cursor.element = 0) {
      const tensor = this.#tensors[cursor.tensor]!
      const missing = tensor.elements - cursor.element
      if (missing > 0 && (cursor.element === 0 || target.whole)) {
        throw new ThalwegError(
          'E_PAYLOAD',
          `tensor "${tensor.name}": ${missing} of ${tensor.elements} elements did not come. Send every tensor of "open", nil where it is unchanged.`
        )
      }
      this.#zero(target, tensor, cursor.element, tensor.elements)
    }
  }

  #payload(target: Target, cursor: Cursor, tensor: Tensor, payload: Payload, dtype: Dtype): number {
    const { elements } = tensor
    const isRange = payload !== null && 'o' in payload
    if (cursor.element > (isRange ? payload.o : 0)) throw this.#outOfOrder(cursor.tensor)
    if (isRange) {
      if (target.whole && payload.o > cursor.element) throw this.#outOfOrder(cursor.tensor)
      this.#zero(target, tensor, cursor.element, payload.o)
      const to = payload.o + payload.b.length / dtypeBytes[dtype]
      const bad = this.#dense(target, tensor, payload.o, payload.b, dtype)
      cursor.element = to
      if (to === elements) this.#close(cursor)
      return bad
    }
    let bad = 0
    if (payload instanceof Uint8Array) bad = this.#dense(target, tensor, 0, payload, dtype)
    else if (target.whole && elements > 0) {
      throw new ThalwegError(
        'E_PAYLOAD',
        `tensor "${tensor.name}": an anchor must bring all ${elements} elements, not ${payload === null ? 'nil' : 'a sparse patch'}.`
      )
    } else {
      this.#zero(target, tensor, 0, elements)
      if (payload !== null) bad = this.#sparse(target, tensor, payload, dtype)
    }
    this.#close(cursor)
    return bad
  }

  #close(cursor: Cursor): void {
    cursor.tensor++
    cursor.element = 0
  }

  /** Empties what is added to. */
  #clear(target: Target): void {
    for (const { row, rows, offset, folded } of this.#places.values()) {
      if (!folded || offset > 0) continue
      for (const shard of this.#shards.here) {
        const first = Math.max(row, shard.from * tileRows)
        const last = Math.min(row + rows, shard.to * tileRows)
        if (first < last) rowsOf(shard, target, first, last).fill(0)
      }
    }
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
      for (const shard of this.#shards.here) {
        const row = Math.max(stretch.row, shard.from * tileRows)
        const first = stretch.first + row - stretch.row
        const last = first + Math.min(end, shard.to * tileRows) - row
        if (first < last) body(shard, row, first, last)
      }
    }
  }

  #zero(target: Target, tensor: Tensor, from: number, to: number): void {
    const place = this.#places.get(tensor)
    if (!place || place.folded) return
    this.#eachRun(place, from, to, (shard, row, first, last) => {
      rowsOf(shard, target, row, row + last - first).fill(0)
    })
  }

  /** Returns how many elements are not finite. */
  #dense(target: Target, tensor: Tensor, offset: number, bytes: Uint8Array, dtype: Dtype): number {
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

  #sparse(
    target: Target,
    tensor: Tensor,
    patch: { readonly i: Uint8Array; readonly v: Uint8Array },
    dtype: Dtype
  ): number {
    const place = this.#places.get(tensor)
    if (!place) return 0
    let bad = 0
    this.#shards.here.forEach((shard, k) => {
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

  #outOfOrder(index: number): ThalwegError {
    const tensor = this.#tensors[index]!
    return new ThalwegError(
      'E_PAYLOAD',
      `tensor "${tensor.name}": a part repeats or leaves out elements of this step. Send the tensors, and the ranges of each, in order.`
    )
  }
}

/** Address of a row of the layout in a shard's target. */
function addressOf(shard: Shard, target: Target, row: number): number {
  return target.address(shard) + (row - shard.from * tileRows) * target.elementBytes
}

/** Rows [from, to) of a target, all in one shard. */
function rowsOf(
  shard: Shard,
  target: Target,
  from: number,
  to: number
): Float32Array | Float64Array {
  const address = addressOf(shard, target, from)
  return target.elementBytes === 8
    ? shard.arena.f64(address, to - from)
    : shard.arena.f32(address, to - from)
}

/** An error of a payload, with the place of its frame in the stream. */
export function located(
  error: unknown,
  frame: { readonly member: number; readonly step: number; readonly offset: number }
): unknown {
  if (!(error instanceof ThalwegError) || error.offset !== undefined) return error
  const message = error.message.slice(0, error.message.lastIndexOf(' ['))
  return new ThalwegError(error.code, `member ${frame.member}, step ${frame.step}: ${message}`, {
    offset: frame.offset,
  })
}
