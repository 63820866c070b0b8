import { countsTree } from '../kernels/tree.ts'
import type { Step } from './protocol.ts'
import type { Scope } from './scope.ts'

/** Whether this shard has a scope's rows, with `placement: "tensor"`: all of them or none. */
export function isOwner({ from, to }: Scope): boolean {
  return from < to
}

/**
 * With `placement: "tensor"`: what the owner of the scope's tensor makes of it, on all shards. Without rows nobody owns it.
 *
 * @param length of what it makes, the same on every shard; no value may be NaN
 * @returns zeros where the tensor is empty
 */
export function* fromOwner(
  scope: Scope,
  length: number,
  make: () => ArrayLike<number>
): Step<Float64Array> {
  const own = new Float64Array(length).fill(-Infinity)
  if (isOwner(scope)) own.set(make())
  const { max } = yield { add: countsTree(scope, [0]), max: own }
  return scope.rows === 0 ? new Float64Array(length) : max
}
