import { ThalwegError } from '../error.ts'
import { quoted } from '../plain.ts'
import type { Dtype, Payload, Tensor } from './frame.ts'
import { dtypeBytes } from './frame.ts'

/**
 * Refuses a payload that does not fit its tensor.
 *
 * @throws E_PAYLOAD
 */
export function checkPayload(
  payload: Payload,
  tensor: Tensor,
  dtype: Dtype,
  offset?: number
): void {
  if (payload === null) return
  const size = dtypeBytes[dtype]
  const { elements } = tensor
  const fail = (what: string): never => {
    throw new ThalwegError('E_PAYLOAD', `${tensorName(tensor)}: ${what}`, { offset })
  }
  if (payload instanceof Uint8Array) {
    if (payload.length !== elements * size) {
      fail(
        `${payload.length} bytes, expected ${elements * size} (shape [${tensor.shape}], ${elements} elements of ` +
          `${size} bytes, ${dtype}). Send the whole tensor, or a range {o, b}.`
      )
    }
  } else if ('o' in payload) {
    const { o, b } = payload
    if (b.length % size !== 0) {
      fail(
        `a range of ${b.length} bytes, expected a multiple of ${size} (${dtype}). Cut between elements.`
      )
    }
    if (o + b.length / size > elements) {
      fail(
        `a range of ${b.length / size} elements from ${o} on, but the tensor has ${elements}. ` +
          `"o" counts elements of the flattened tensor.`
      )
    }
  } else checkSparse(payload, elements, size, fail)
}

function checkSparse(
  { i, v }: { readonly i: Uint8Array; readonly v: Uint8Array },
  elements: number,
  size: number,
  fail: (what: string) => never
): void {
  if (i.length % 4 !== 0) {
    fail(`sparse indices of ${i.length} bytes, expected a multiple of 4 (u32). Send them as u32.`)
  }
  const count = i.length / 4
  if (v.length !== count * size) {
    fail(
      `${count} sparse indices with ${v.length} bytes of values, expected ${count * size}. Send one value for each.`
    )
  }
  const view = new DataView(i.buffer, i.byteOffset, i.byteLength)
  let last = -1
  for (let k = 0; k < count; k++) {
    const index = view.getUint32(4 * k, true)
    if (index <= last) {
      fail(`sparse index ${index} comes after ${last}, expected ascending indices. Sort them.`)
    }
    if (index >= elements) {
      fail(
        `sparse index ${index}, but the tensor has ${elements} elements. Count from 0 in the flattened tensor.`
      )
    }
    last = index
  }
}

/** How messages call a tensor. */
export function tensorName(tensor: Tensor): string {
  return `tensor ${quoted(tensor.name)}`
}
