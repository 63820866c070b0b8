import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../src/kernels/arena.ts'
import { linalgKernels } from '../../src/linalg/kernels.gen.ts'
import { columnIndex, panels } from '../../src/linalg/panels.ts'

const kernels = suite('random matrices')

function drawn(kind: KernelKind, rows: number, columns: number, seed: number) {
  const { rows: long, columns: across, bytes } = panels(rows, columns)
  const arena = new Arena(bytes + 64, kind)
  const y = arena.take(bytes)
  const view = arena.f64(y, long * across).fill(7)
  const squares = arena.kernels(linalgKernels).noise({ y, rows, columns, long, seed })
  return { view, squares, long, across }
}

kernels("are the reference's to f32, and zero beyond the matrix", () => {
  for (const [rows, columns] of [
    [9, 3],
    [40, 21],
    [16, 8],
  ] as const) {
    const { view, squares, long, across } = drawn('base', rows, columns, 77)
    const expected = drawn('js', rows, columns, 77)
    let sum = 0
    for (let j = 0; j < across; j++) {
      for (let i = 0; i < long; i++) {
        const at = columnIndex(long, j, 8) + 4 * i
        const value = view[at]!
        sum += value * value
        if (i >= rows || j >= columns) assert.is(value, 0)
        else assert.ok(Math.abs(value - expected.view[at]!) < 4e-7 * (1 + Math.abs(value)))
      }
    }
    assert.ok(Math.abs(squares / sum - 1) < 1e-14)
    assert.ok(Math.abs(expected.squares / sum - 1) < 1e-6)
  }
})

kernels('are the same in both builds', () => {
  if (kernelKind('fast') !== 'relaxed') return
  assert.equal(drawn('relaxed', 33, 17, 5), drawn('base', 33, 17, 5))
})

kernels('are normal, and differ from seed to seed', () => {
  const [a, b] = [1, 2].map((seed) => drawn('base', 256, 64, seed))
  const count = 256 * 64
  const mean = a!.view.reduce((sum, value) => sum + value, 0) / count
  const fourths = a!.view.reduce((sum, value) => sum + value ** 4, 0) / count
  const shared = a!.view.reduce((sum, value, i) => sum + value * b!.view[i]!, 0) / count
  assert.ok(Math.abs(mean) < 4 / Math.sqrt(count))
  assert.ok(Math.abs(a!.squares / count - 1) < 4 * Math.sqrt(2 / count))
  assert.ok(Math.abs(fourths - 3) < 4 * Math.sqrt(96 / count))
  assert.ok(Math.abs(shared) < 4 / Math.sqrt(count))
})

kernels.run()
