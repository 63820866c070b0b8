import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { sumsBytes } from '../../../src/kernels/sums.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { koopmanKernels } from '../../../src/stages/koopman/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of koopman')

const [own, tile, tiles, room, kept] = [1, 2, 5, 12, 8]

/** The stack after the products of `kept` columns with three vectors, and the numbers they are made of. */
function run(kind: 'base' | 'relaxed' | 'js', storageBytes: 4 | 8) {
  const rows = (tile + tiles) * tileRows
  const width = 1 + 3 * kept
  const factor = (own + tiles) * room * tileRows
  const arena = new Arena(
    factor * 8 + 3 * rows * 8 + 512 * (kept + 1) + sumsBytes(9, width) + 4096,
    kind
  )
  const next = random(storageBytes)
  const fill = (bytes: 4 | 8, length: number) => {
    const address = arena.take(length * bytes)
    const values = bytes === 8 ? arena.f64(address, length) : arena.f32(address, length)
    for (let i = 0; i < length; i++) values[i] = next()
    return values
  }
  const b = fill(storageBytes, factor)
  const vectors = [fill(8, rows), fill(4, rows), fill(8, rows)]
  const table = arena.u32(arena.take(24), 6)
  table.set(vectors.flatMap(({ byteOffset, BYTES_PER_ELEMENT }) => [byteOffset, BYTES_PER_ELEMENT]))
  const panel = arena.take(512 * (kept + 1))
  const stack = arena.take(sumsBytes(9, width))
  const depth = arena.kernels(koopmanKernels).koopman_project({
    b: b.byteOffset,
    storageBytes,
    room,
    kept,
    table: table.byteOffset,
    vectors: 3,
    own,
    tile,
    tiles,
    panel,
    index: 2,
    sums: { from: 2, stack, depth: 0 },
  })
  return { stack: [depth, ...arena.f64(stack, depth * width)], b, vectors, width }
}

kernels('are the same to the bit in both builds, and their reference to rounding', () => {
  for (const bytes of [4, 8] as const) {
    const { stack } = run('base', bytes)
    assert.equal(run('relaxed', bytes).stack, stack)
    const reference = run('js', bytes).stack
    assert.is(reference.length, stack.length)
    stack.forEach((value, i) => {
      assert.ok(Math.abs(value - reference[i]!) <= 1e-12, `${i}: ${value} and ${reference[i]}`)
    })
  }
})

kernels('give the products of their definition', () => {
  const { stack, b, vectors, width } = run('base', 4)
  const total = new Float64Array(width)
  stack.slice(1).forEach((value, i) => {
    total[i % width]! += value
  })
  assert.is(total[0], 0)
  vectors.forEach((vector, m) => {
    for (let i = 0; i < kept; i++) {
      let sum = 0
      for (let t = 0; t < tiles; t++) {
        for (let r = 0; r < tileRows; r++) {
          sum += b[((own + t) * room + i) * tileRows + r]! * vector[(tile + t) * tileRows + r]!
        }
      }
      assert.ok(Math.abs(total[1 + m * kept + i]! - sum) <= 1e-11, `${m}, ${i}`)
    }
  })
})

kernels.run()
