import { type Dtype, dtypeBytes } from '../../wire/frame.ts'
import { signRun } from '../planning/fold.ts'
import { stagingBytes } from '../planning/regions.ts'
import type { Shard } from '../shards/shard.ts'

/** Number of values staged at a time. */
const most = stagingBytes / 8

/** Copies values of any type to an address as f32 or f64. Returns how many cannot be used. */
export function copyIn(
  shard: Shard,
  address: number,
  bytes: Uint8Array,
  dtype: Dtype,
  elementBytes: 4 | 8
): number {
  if (dtypeBytes[dtype] === elementBytes) {
    shard.arena.u8(address, bytes.length).set(bytes)
    return unusable(shard, address, bytes.length / elementBytes, elementBytes)
  }
  let bad = 0
  for (const { raw, first, n } of pieces(shard, bytes, dtype)) {
    const to = address + first * elementBytes
    convert(shard, raw, to, n, dtype, elementBytes)
    bad += unusable(shard, to, n, elementBytes)
  }
  return bad
}

/**
 * Adds values of any type to f64 at an address, with the signs of the elements of a part from `element` on. Returns how many cannot
 * be used.
 */
export function foldIn(
  shard: Shard,
  address: number,
  bytes: Uint8Array,
  dtype: Dtype,
  element: number,
  seed: number
): number {
  let bad = 0
  for (const { values, width, first, n, unusable: own } of widened(shard, bytes, dtype)) {
    bad += own
    const at = element + first
    const run = Math.floor(at / signRun)
    shard.kernels.fold({
      x: values,
      elementBytes: width,
      n,
      target: address + first * 8,
      run,
      at: at % signRun,
      seed,
    })
  }
  return bad
}

/** A sparse payload: ascending u32 indices, and one value for each. */
export interface Patch {
  readonly i: Uint8Array
  readonly v: Uint8Array
}

/** Writes a patch's values to rows that begin at element `first`. Returns how many cannot be used. */
export function scatterIn(
  shard: Shard,
  rows: Float32Array | Float64Array,
  { i, v }: Patch,
  dtype: Dtype,
  first: number
): number {
  const { arena } = shard
  const indices = new DataView(i.buffer, i.byteOffset, i.length)
  const width = dtypeBytes[dtype]
  const eb = rows instanceof Float64Array ? 8 : 4
  const to = shard.address('staging') + stagingBytes
  let bad = 0
  for (let at = 0; at * width < v.length; at += most) {
    const piece = v.subarray(at * width, (at + most) * width)
    bad += copyIn(shard, to, piece, dtype, eb)
    const n = piece.length / width
    const values = eb === 8 ? arena.f64(to, n) : arena.f32(to, n)
    for (let k = 0; k < n; k++) {
      const row = indices.getUint32(4 * (at + k), true) - first
      if (row >= 0 && row < rows.length) rows[row] = values[k]!
    }
  }
  return bad
}

/**
 * Adds a patch's values to f64 at an address. The rows are [first, last) of a folded part, in which the patch's tensor begins at
 * element `offset`. Returns how many cannot be used.
 */
export function foldSparseIn(
  shard: Shard,
  address: number,
  { i, v }: Patch,
  dtype: Dtype,
  { offset, first, last, seed }: { offset: number; first: number; last: number; seed: number }
): number {
  const indices = shard.address('staging') + stagingBytes + stagingBytes / 2
  let bad = 0
  for (const { values, width, first: at, n, unusable: own } of widened(shard, v, dtype)) {
    bad += own
    shard.arena.u8(indices, 4 * n).set(i.subarray(4 * at, 4 * (at + n)))
    shard.kernels.fold_sparse({
      indices,
      values,
      elementBytes: width,
      n,
      target: address,
      offset,
      from: first,
      to: last,
      seed,
    })
  }
  return bad
}

/** A piece of a payload in the staging region: halves widened to f32, other values unchanged. */
interface Widened {
  readonly values: number
  readonly width: 4 | 8
  readonly first: number
  readonly n: number
  readonly unusable: number
}

function* widened(shard: Shard, bytes: Uint8Array, dtype: Dtype): Generator<Widened> {
  const width = dtype === 'f64' ? 8 : 4
  const isHalf = dtypeBytes[dtype] === 2
  for (const { raw, first, n } of pieces(shard, bytes, dtype)) {
    const values = isHalf ? raw + stagingBytes : raw
    if (isHalf) convert(shard, raw, values, n, dtype, width)
    yield { values, width, first, n, unusable: unusable(shard, values, n, width) }
  }
}

/** Copies a payload unchanged into the staging region, piece by piece. */
function* pieces(
  shard: Shard,
  bytes: Uint8Array,
  dtype: Dtype
): Generator<{ raw: number; first: number; n: number }> {
  const raw = shard.address('staging')
  const width = dtypeBytes[dtype]
  for (let first = 0; first * width < bytes.length; first += most) {
    const piece = bytes.subarray(first * width, (first + most) * width)
    shard.arena.u8(raw, piece.length).set(piece)
    yield { raw, first, n: piece.length / width }
  }
}

function convert(
  { kernels }: Shard,
  from: number,
  to: number,
  n: number,
  dtype: Dtype,
  elementBytes: 4 | 8
): void {
  if (dtype === 'f64') kernels.f64_to_f32({ source: from, target: to, n })
  else if (dtype === 'f32') kernels.f32_to_f64({ source: from, target: to, n })
  else {
    // Halves are staged in the lower quarter, which leaves room above them for the widened values.
    const single = elementBytes === 4 ? to : from + stagingBytes / 2
    const widen = dtype === 'bf16' ? kernels.bf16_to_f32 : kernels.f16_to_f32
    widen({ source: from, target: single, n })
    if (elementBytes === 8) kernels.f32_to_f64({ source: single, target: to, n })
  }
}

function unusable({ kernels }: Shard, p: number, n: number, elementBytes: 4 | 8): number {
  return elementBytes === 8
    ? kernels.count_unusable_f64({ p, n })
    : kernels.count_unusable_f32({ p, n })
}
