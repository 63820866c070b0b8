import { countsTree } from '../kernels/tree.ts'
import type { Step } from './protocol.ts'
import type { Scope, ScopeTensor } from './scope.ts'

/** Whether this shard has a scope's rows. With `placement: "tensor"` it has all of them or none. */
export function isOwner({ from, to }: Scope): boolean {
  return from < to
}

/** Whether this shard has the rows of one tensor of a scope, with `placement: "tensors"`. */
export function ownsTensor({ from, to }: Scope, { tile, tiles }: ScopeTensor): boolean {
  return tiles > 0 && from <= tile && tile + tiles <= to
}

/**
 * Sends what the owner of a scope's tensor computes to all shards, with `placement: "tensor"`. A tensor without rows has no owner.
 *
 * @param length length of the result, the same on every shard; unknown values are NaN
 * @param isOwn whether this shard computes it; if the scope has several tensors, whether the tensor in question is this shard's
 * @returns zeros if the tensor is empty
 */
export function* fromOwner(
  scope: Scope,
  length: number,
  make: () => ArrayLike<number>,
  isOwn = isOwner(scope)
): Step<Float64Array> {
  // NaN would break the maximum. It travels as -Infinity, which is what shards without the result send.
  const own = new Float64Array(length).fill(-Infinity)
  if (isOwn) {
    const made = make()
    for (let i = 0; i < length; i++) if (!Number.isNaN(made[i]!)) own[i] = made[i]!
  }
  const { max } = yield { add: countsTree(scope, [0]), max: own }
  if (scope.rows === 0) return new Float64Array(length)
  return max.map((value) => (value === -Infinity ? Number.NaN : value))
}
