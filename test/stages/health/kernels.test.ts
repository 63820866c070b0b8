import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind } from '../../../src/kernels/arena.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { healthKernels } from '../../../src/stages/health/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of health')

const rows = 3 * tileRows

const all = Array.from({ length: rows }, (_, row) => row)
/** Rows that never moved: those of no fifth; once the block is taken in, a third of these. */
const before = all.filter((row) => row % 5 !== 0).length
const rest = all.filter((row) => row % 5 !== 0 && row % 3 === 0).length

interface Case {
  readonly elementBytes: 4 | 8
  readonly count: number
  readonly anchored: boolean
  readonly keep: boolean
}

/** The sums of three tiles; every third row is zeros of either sign, and every fifth has moved before. */
function sumsOf(kind: KernelKind, { elementBytes, count, anchored, keep }: Case) {
  const arena = new Arena(1 << 20, kind)
  const next = random(elementBytes)
  const fill = (length: number, bytes: number, value: (i: number) => number = next): number => {
    const address = arena.take(length * bytes)
    const view = bytes === 8 ? arena.f64(address, length) : arena.f32(address, length)
    for (let i = 0; i < length; i++) view[i] = value(i)
    return address
  }
  const x = fill(count * rows, elementBytes, (i) => (i % 3 === 0 ? -0 * (i % 2) : next()))
  const [weights, high, low] = [fill(rows, 4), fill(rows, 4), fill(rows, 4)]
  const [stack, scratch, moved] = [arena.take(4096), arena.take(16 * tileRows), arena.take(rows)]
  const bytes = arena.u8(moved, rows).map((_, row) => Number(row % 5 === 0))
  arena.u8(moved, rows).set(bytes)
  const depth = arena.kernels(healthKernels).health_norms({
    x,
    stride: rows * elementBytes,
    count,
    elementBytes,
    weights: anchored ? weights : 0,
    high,
    low,
    moved,
    keep,
    tiles: 3,
    index: 4,
    sums: { from: 4, stack, depth: 0 },
    scratch,
  })
  assert.is(depth, 2, 'tiles 4 and 5 are joined, 6 is not')
  return {
    values: arena.f64(stack, 2 * (4 + 2 * count)).slice(),
    moved: arena.u8(moved, rows).slice(),
  }
}

for (const elementBytes of [4, 8] as const) {
  for (const count of [1, 2, 5, 6, 16]) {
    for (const anchored of [true, false]) {
      const own = { elementBytes, count, anchored, keep: anchored }
      const which = `${count} columns of ${elementBytes} bytes, ${anchored ? 'with' : 'without'} w0`
      kernels(`the norms equal the reference's to the rounding of their sums: ${which}`, () => {
        const wasm = sumsOf('base', own)
        const reference = sumsOf('js', own)
        const width = 4 + 2 * count
        wasm.values.forEach((value, i) => {
          const expected = reference.values[i]!
          const error = Math.abs(value - expected)
          assert.ok(error <= 1e-12 * Math.max(1, Math.abs(expected)), `entry ${i}`)
          // The status, and what is left over.
          assert.is(value === 0, i % width === 0 || i % width === width - 1, `entry ${i}`)
        })
        for (const slot of [0, width]) assert.is(wasm.values[slot + 3], reference.values[slot + 3])
        assert.equal(wasm.moved, reference.moved)
        assert.is(wasm.moved.filter((byte) => byte === 0).length, own.keep ? rest : before)
      })
    }
  }
}

kernels.run()
