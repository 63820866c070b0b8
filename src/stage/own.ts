import { countsTree } from '../kernels/tree.ts'
import type { Step } from './protocol.ts'
import type { Scope, ScopeTensor } from './scope.ts'

/** Whether this shard has a scope's rows, with `placement: "tensor"`: all of them or none. */
export function isOwner({ from, to }: Scope): boolean {
  return from < to
}

/** Whether this shard has the rows of one of a scope's tensors, with `placement: "tensors"`. */
export function ownsTensor({ from, to }: Scope, { tile, tiles }: ScopeTensor): boolean {
  return tiles > 0 && from <= tile && tile + tiles <= to
}

/**
 * With `placement: "tensor"`: what the owner of the scope's tensor makes of it, on all shards. Without rows nobody owns it.
 *
 * @param length of what it makes, the same on every shard; a value that is not known is NaN
 * @param isOwn whether this shard makes it: of several tensors in the scope the one in question is its own
 * @returns zeros where the tensor is empty
 */
export function* fromOwner(
  scope: Scope,
  length: number,
  make: () => ArrayLike<number>,
  isOwn = isOwner(scope)
): Step<Float64Array> {
  // NaN is no greatest value; it travels as what those send who know nothing.
  const own = new Float64Array(length).fill(-Infinity)
  if (isOwn) {
    const made = make()
    for (let i = 0; i < length; i++) if (!Number.isNaN(made[i]!)) own[i] = made[i]!
  }
  const { max } = yield { add: countsTree(scope, [0]), max: own }
  if (scope.rows === 0) return new Float64Array(length)
  return max.map((value) => (value === -Infinity ? Number.NaN : value))
}
