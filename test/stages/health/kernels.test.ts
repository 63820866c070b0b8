import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { healthKernels } from '../../../src/stages/health/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of health')

const rows = 3 * tileRows

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
          tiles: 3,
          index: 4,
          sums: { from: 4, stack, depth: 0 },
        })
        assert.is(depth, 2, 'tiles 4 and 5 are joined, 6 is not')
        return arena.f64(stack, 2 * 7).slice()
      })
      wasm!.forEach((value, i) => {
        assert.ok(
          Math.abs(value - reference![i]!) <= 1e-13 * Math.abs(reference![i]!),
          `entry ${i}`
        )
        assert.ok(i % 7 === 0 ? value === 0 : value > 0)
      })
    })
  }
}

kernels.run()
