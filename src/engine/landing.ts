import { ThalwegError } from '../error.ts'
import { type Dtype, dtypeBytes, type Payload, type Tensor } from '../wire/frame.ts'
import type { Layout } from './layout.ts'
import { stagingBytes } from './regions.ts'
import { type ScopeTensor, tileRows } from './scope.ts'
import type { Shard } from './shard.ts'

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
 * on the way. Every element of a target is written exactly once, so targets need no clearing.
 */
export class Landing {
  private readonly shards: readonly Shard[]
  private readonly tensors: readonly Tensor[]
  private readonly places: ReadonlyMap<Tensor, ScopeTensor>

  constructor(shards: readonly Shard[], tensors: readonly Tensor[], layout: Layout) {
    this.shards = shards
    this.tensors = tensors
    this.places = new Map(layout.tensors.map((place) => [tensors[place.index]!, place]))
  }

  /**
   * Takes one part of a step. Returns the first tensor with a non-finite element, if any.
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
    let bad: Tensor | undefined
    data.forEach((payload, i) => {
      const index = at + i
      this.skipTo(target, cursor, index)
      const tensor = this.tensors[index]!
      if (this.payload(target, cursor, tensor, payload, dtype ?? tensor.dtype) > 0) bad ??= tensor
    })
    return bad
  }

  /** Ends a step: all tensors must have come. */
  finish(target: Target, cursor: Cursor): void {
    this.skipTo(target, cursor, this.tensors.length)
  }

  /** Closes the tensors before `index`, which must have begun. */
  private skipTo(target: Target, cursor: Cursor, index: number): void {
    if (index < cursor.tensor) throw this.outOfOrder(index)
    for (; cursor.tensor < index; cursor.tensor++, cursor.element = 0) {
      const tensor = this.tensors[cursor.tensor]!
      const missing = tensor.elements - cursor.element
      if (missing > 0 && (cursor.element === 0 || target.whole)) {
        throw new ThalwegError(
          'E_PAYLOAD',
          `tensor "${tensor.name}": ${missing} of ${tensor.elements} elements did not come. Send every tensor of "open", nil where it is unchanged.`
        )
      }
      this.zero(target, tensor, cursor.element, tensor.elements)
    }
  }

  private payload(
    target: Target,
    cursor: Cursor,
    tensor: Tensor,
    payload: Payload,
    dtype: Dtype
  ): number {
    const { elements } = tensor
    const isRange = payload !== null && 'o' in payload
    if (cursor.element > (isRange ? payload.o : 0)) throw this.outOfOrder(cursor.tensor)
    if (isRange) {
      if (target.whole && payload.o > cursor.element) throw this.outOfOrder(cursor.tensor)
      this.zero(target, tensor, cursor.element, payload.o)
      const to = payload.o + payload.b.length / dtypeBytes[dtype]
      const bad = this.dense(target, tensor, payload.o, payload.b, dtype)
      cursor.element = to
      if (to === elements) this.close(cursor)
      return bad
    }
    let bad = 0
    if (payload instanceof Uint8Array) bad = this.dense(target, tensor, 0, payload, dtype)
    else if (target.whole && elements > 0) {
      throw new ThalwegError(
        'E_PAYLOAD',
        `tensor "${tensor.name}": an anchor must bring all ${elements} elements, not ${payload === null ? 'nil' : 'a sparse patch'}.`
      )
    } else {
      this.zero(target, tensor, 0, elements)
      if (payload !== null) bad = this.sparse(target, tensor, payload, dtype)
    }
    this.close(cursor)
    return bad
  }

  private close(cursor: Cursor): void {
    cursor.tensor++
    cursor.element = 0
  }

  /** Calls `body` for each shard's part [from, to) of a tensor's elements, with its address in the target. */
  private eachShard(
    target: Target,
    tensor: Tensor,
    from: number,
    to: number,
    body: (shard: Shard, address: number, first: number, last: number) => void
  ): void {
    const place = this.places.get(tensor)
    if (!place) return
    const start = place.tile * tileRows
    for (const shard of this.shards) {
      const first = Math.max(from, shard.from * tileRows - start)
      const last = Math.min(to, shard.to * tileRows - start)
      if (first >= last) continue
      const row = start + first - shard.from * tileRows
      body(shard, target.address(shard) + row * target.elementBytes, first, last)
    }
  }

  private zero(target: Target, tensor: Tensor, from: number, to: number): void {
    this.eachShard(target, tensor, from, to, (shard, address, first, last) => {
      shard.arena.u8(address, (last - first) * target.elementBytes).fill(0)
    })
  }

  /** Returns how many elements are not finite. */
  private dense(
    target: Target,
    tensor: Tensor,
    offset: number,
    bytes: Uint8Array,
    dtype: Dtype
  ): number {
    const width = dtypeBytes[dtype]
    let bad = 0
    this.eachShard(
      target,
      tensor,
      offset,
      offset + bytes.length / width,
      (shard, address, first, last) => {
        const own = bytes.subarray((first - offset) * width, (last - offset) * width)
        bad += copyIn(shard, address, own, dtype, target.elementBytes)
      }
    )
    return bad
  }

  private sparse(
    target: Target,
    tensor: Tensor,
    patch: { readonly i: Uint8Array; readonly v: Uint8Array },
    dtype: Dtype
  ): number {
    const count = patch.i.length / 4
    const indices = new DataView(patch.i.buffer, patch.i.byteOffset, patch.i.length)
    const width = dtypeBytes[dtype]
    const room = stagingBytes / 8
    let bad = 0
    this.eachShard(target, tensor, 0, tensor.elements, (shard, address, first, last) => {
      const staged = shard.address('staging') + stagingBytes
      const values =
        target.elementBytes === 8 ? shard.arena.f64(staged, room) : shard.arena.f32(staged, room)
      const rows =
        target.elementBytes === 8
          ? shard.arena.f64(address, last - first)
          : shard.arena.f32(address, last - first)
      for (let k = 0; k < count; k += room) {
        const end = Math.min(count, k + room)
        const nonFinite = copyIn(
          shard,
          staged,
          patch.v.subarray(k * width, end * width),
          dtype,
          target.elementBytes
        )
        if (first === 0) bad += nonFinite
        for (let j = k; j < end; j++) {
          const index = indices.getUint32(4 * j, true)
          if (index >= first && index < last) rows[index - first] = values[j - k]!
        }
      }
    })
    return bad
  }

  private outOfOrder(index: number): ThalwegError {
    const tensor = this.tensors[index]!
    return new ThalwegError(
      'E_PAYLOAD',
      `tensor "${tensor.name}": a part repeats or leaves out elements of this step. Send the tensors, and the ranges of each, in order.`
    )
  }
}

/** Copies values of any type to an address as f32 or f64; returns how many are not finite. */
function copyIn(
  shard: Shard,
  address: number,
  bytes: Uint8Array,
  dtype: Dtype,
  elementBytes: 4 | 8
): number {
  const { kernels, arena } = shard
  const count = (p: number, n: number): number =>
    elementBytes === 8 ? kernels.count_nonfinite_f64(p, n) : kernels.count_nonfinite_f32(p, n)
  const width = dtypeBytes[dtype]
  if (width === elementBytes) {
    arena.u8(address, bytes.length).set(bytes)
    return count(address, bytes.length / width)
  }
  const raw = shard.address('staging')
  const single = raw + stagingBytes / 2
  const step = stagingBytes / 8
  const elements = bytes.length / width
  let bad = 0
  for (let k = 0; k < elements; k += step) {
    const n = Math.min(step, elements - k)
    const to = address + k * elementBytes
    arena.u8(raw, n * width).set(bytes.subarray(k * width, (k + n) * width))
    if (dtype === 'f64') kernels.f64_to_f32(raw, to, n)
    else if (dtype === 'f32') kernels.f32_to_f64(raw, to, n)
    else {
      const widen = dtype === 'bf16' ? kernels.bf16_to_f32 : kernels.f16_to_f32
      widen(raw, elementBytes === 4 ? to : single, n)
      if (elementBytes === 8) kernels.f32_to_f64(single, to, n)
    }
    bad += count(to, n)
  }
  return bad
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
