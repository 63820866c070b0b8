import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { healthKernels } from '../../../src/stages/health/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of health')

const rows = 3 * tileRows
/** Status, norms of weights and position, rows at rest, five squares, four products, one spare. */
const width = 4 + 2 * 5

for (const eb of [4, 8] as const) {
  for (const anchored of [true, false]) {
    const which = `${eb} bytes an element, ${anchored ? 'with' : 'without'} w0`
    kernels(`the norms equal the reference's to the rounding of their sums: ${which}`, () => {
      const [wasm, reference] = (['base', 'js'] as const).map((kind) => {
        const arena = new Arena(1 << 20, kind)
        const next = random(eb)
        const fill = (count: number, bytes: number): number => {
          const address = arena.take(count * bytes)
          const view = bytes === 8 ? arena.f64(address, count) : arena.f32(address, count)
          for (let i = 0; i < count; i++) view[i] = next()
          return address
        }
        const x = fill(5 * rows, eb)
        const [weights, high, low] = [fill(rows, 4), fill(rows, 4), fill(rows, 4)]
        const stack = arena.take(4096)
        const moved = arena.take(rows)
        const { health_norms } = arena.kernels(healthKernels)
        const w0 = anchored ? weights : 0
        const depth = health_norms({
          x,
          stride: rows * eb,
          count: 5,
          elementBytes: eb,
          weights: w0,
          high,
          low,
          moved,
          keep: true,
          tiles: 3,
          index: 4,
          sums: { from: 4, stack, depth: 0 },
        })
        assert.is(depth, 2, 'tiles 4 and 5 are joined, 6 is not')
        return arena.f64(stack, 2 * width).slice()
      })
      wasm!.forEach((value, i) => {
        assert.ok(
          Math.abs(value - reference![i]!) <= 1e-12 * Math.max(1, Math.abs(reference![i]!)),
          `entry ${i}`
        )
        const slot = i % width
        // The status, no row that never moved, and what is left over.
        assert.is(value === 0, slot === 0 || slot === 3 || slot === width - 1, `entry ${i}`)
      })
    })
  }
}

kernels.run()
