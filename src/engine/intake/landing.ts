import { ThalwegError } from '../../error.ts'
import { tensorName } from '../../wire/check-payload.ts'
import { type Dtype, dtypeBytes, type Payload, type Tensor } from '../../wire/frame.ts'
import type { Shards } from '../shards/shards.ts'
import { Placement, type RowsAt } from './placement.ts'
import { kindOf, type Unusable } from './unusable.ts'

/** Where a frame's values are written, in every shard: a column, an anchor or a landing region. */
export interface Target extends RowsAt {
  /** True for an anchor, which must bring every element. Missing elements of a delta are zero. */
  readonly whole: boolean
}

/** How many of a step's elements have come: the next tensor, and the next element in it. */
export interface Cursor {
  tensor: number
  element: number
}

/**
 * Copies the payloads of a step's parts, each byte once, in the order of the tensors. Every element of a target is written exactly
 * once, so targets need no clearing.
 */
export class Landing {
  readonly #shards: Shards
  readonly #tensors: readonly Tensor[]
  readonly #placement: Placement

  constructor(shards: Shards) {
    this.#shards = shards
    this.#tensors = shards.plan.open.tensors
    this.#placement = new Placement(shards)
  }

  /**
   * Takes one part of a step. Returns the first tensor, over all shards, that has a value that cannot be used, and what is wrong
   * with it.
   *
   * @throws E_PAYLOAD when parts overlap or leave out a tensor
   */
  part(
    target: Target,
    cursor: Cursor,
    at: number,
    data: readonly Payload[],
    dtype?: Dtype
  ): Unusable | undefined {
    let bad = Infinity
    if (cursor.tensor === 0 && cursor.element === 0) this.#placement.clear(target)
    data.forEach((payload, i) => {
      const index = at + i
      this.#skipTo(target, cursor, index)
      const tensor = this.#tensors[index]!
      if (this.#payload(target, cursor, tensor, payload, dtype ?? tensor.dtype) > 0) {
        bad = Math.min(bad, index)
      }
    })
    const first = -this.#shards.greatest(-bad)
    if (first === Infinity) return undefined
    const tensor = this.#tensors[first]!
    return { tensor: tensor.name, kind: kindOf(data[first - at]!, dtype ?? tensor.dtype) }
  }

  /** Ends a step. All tensors must have come. */
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
          `${tensorName(tensor)}: ${missing} of ${tensor.elements} elements did not come. Send every tensor of "open", nil where it is unchanged.`
        )
      }
      this.#placement.zero(target, tensor, cursor.element, tensor.elements)
    }
  }

  #payload(target: Target, cursor: Cursor, tensor: Tensor, payload: Payload, dtype: Dtype): number {
    const { elements } = tensor
    const isRange = payload !== null && 'o' in payload
    if (cursor.element > (isRange ? payload.o : 0)) throw this.#outOfOrder(cursor.tensor)
    if (isRange) {
      if (target.whole && payload.o > cursor.element) throw this.#outOfOrder(cursor.tensor)
      this.#placement.zero(target, tensor, cursor.element, payload.o)
      const to = payload.o + payload.b.length / dtypeBytes[dtype]
      const bad = this.#placement.dense(target, tensor, payload.o, payload.b, dtype)
      cursor.element = to
      if (to === elements) this.#close(cursor)
      return bad
    }
    let bad = 0
    if (payload instanceof Uint8Array)
      bad = this.#placement.dense(target, tensor, 0, payload, dtype)
    else if (target.whole && elements > 0) {
      throw new ThalwegError(
        'E_PAYLOAD',
        `${tensorName(tensor)}: an anchor must bring all ${elements} elements, not ${payload === null ? 'nil' : 'a sparse patch'}.`
      )
    } else {
      this.#placement.zero(target, tensor, 0, elements)
      if (payload !== null) bad = this.#placement.sparse(target, tensor, payload, dtype)
    }
    this.#close(cursor)
    return bad
  }

  #close(cursor: Cursor): void {
    cursor.tensor++
    cursor.element = 0
  }

  #outOfOrder(index: number): ThalwegError {
    const tensor = this.#tensors[index]!
    return new ThalwegError(
      'E_PAYLOAD',
      `${tensorName(tensor)}: a part repeats or leaves out elements of this step. Send the tensors, and the ranges of each, in order.`
    )
  }
}

/** Adds the place of the frame in the stream to an error about its payload. */
export function located(
  error: unknown,
  frame: { readonly member: number; readonly step: number; readonly offset: number }
): unknown {
  if (!(error instanceof ThalwegError) || error.offset !== undefined) return error
  const where = `member ${frame.member}, step ${frame.step}: `
  return new ThalwegError(error.code, `${where}${error.lines.join(' ')}`, { offset: frame.offset })
}
