import type { Block } from '../../engine/block.ts'
import { type Scope, tileRows } from '../../engine/scope.ts'
import type { Arena } from '../../kernels/arena.ts'
import type { Place } from './sample.ts'

/**
 * Positions of single weights after the given columns, and their first weights (0 where none are known): for each place
 * `sampled.length + 1` values. -Infinity where the row lies in another shard, so that `max` over the shards has all.
 */
export function trace(
  arena: Arena,
  scope: Scope,
  block: Block,
  sampled: readonly number[],
  places: readonly Place[]
): Float64Array {
  const memory = new DataView(arena.buffer)
  const f32 = (address: number): number => memory.getFloat32(address, true)
  const { pointer, stride, elementBytes } = block.of(0)
  const width = sampled.length + 1
  const values = new Float64Array(places.length * width).fill(-Infinity)
  places.forEach(({ tile, row }, i) => {
    const segment = scope.segments.find(({ index, tiles }) => tile >= index && tile < index + tiles)
    if (segment === undefined) return
    const at = (segment.tile + tile - segment.index) * tileRows + row
    const track = values.subarray(i * width, (i + 1) * width)
    let position = f32(block.positions.high + 4 * at) + f32(block.positions.low + 4 * at)
    let column = 0
    sampled.forEach((last, n) => {
      for (; column <= last; column++) {
        const address = pointer + column * stride + elementBytes * at
        position += elementBytes === 8 ? memory.getFloat64(address, true) : f32(address)
      }
      track[n] = position
    })
    track[sampled.length] = block.weights === 0 ? 0 : f32(block.weights + 4 * at)
  })
  return values
}

/** All parts one after another. */
export function joined(...parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, { length }) => sum + length, 0))
  let next = 0
  for (const part of parts) {
    whole.set(part, next)
    next += part.length
  }
  return whole
}
