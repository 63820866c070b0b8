import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { sumsBytes } from '../../../src/kernels/sums.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { sketchRows } from '../../../src/stage/sketch.ts'
import { pathKernels } from '../../../src/stages/path/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of path')

const tiles = 5
const rows = tiles * tileRows
const width = 4

type Kind = 'base' | 'relaxed' | 'js'

function prepared(kind: Kind) {
  const arena = new Arena(8 * (sketchRows + tileRows) + 64 * rows + sumsBytes(99, width), kind)
  const next = random(3)
  const fill = (bytes: 4 | 8, length: number, size: number) => {
    const address = arena.take(length * bytes)
    const values = bytes === 8 ? arena.f64(address, length) : arena.f32(address, length)
    for (let i = 0; i < length; i++) values[i] = size * (next() - 0.5)
    return values
  }
  return {
    arena,
    own: arena.kernels(pathKernels),
    weights: fill(4, rows, 1),
    x: fill(8, rows, 1),
    stack: arena.take(sumsBytes(99, width)),
    slots: arena.f64(arena.take(8 * (sketchRows + tileRows)), sketchRows + tileRows),
  }
}

/** The largest row and the slots after a fold of `tiles` tiles from number `index` on. */
function folded(kind: Kind, folded: boolean, index: number): [number, Float64Array] {
  const { own, weights, slots } = prepared(kind)
  const largest = own.path_fold({
    x: weights.byteOffset,
    scale: 2 ** 30,
    slots: slots.byteOffset,
    folded,
    seed: 7,
    tiles,
    index,
  })
  return [largest, slots]
}

for (const kind of ['base', 'relaxed'] as const) {
  kernels(`${kind}: a fold is the reference's to the bit`, () => {
    for (const [isFolded, index] of [
      [false, 0],
      [false, 3],
      [true, 0],
      [true, 1000],
      [true, 2 ** 24],
    ] as const) {
      assert.equal(folded(kind, isFolded, index), folded('js', isFolded, index))
    }
  })

  kernels(`${kind}: squares and products are the reference's`, () => {
    for (const elementBytes of [4, 8] as const) {
      const [one, other] = [kind, 'js' as const].map((each) => {
        const { arena, own, weights, x, stack } = prepared(each)
        const depth = own.path_squares({
          x: elementBytes === 8 ? x.byteOffset : weights.byteOffset,
          elementBytes,
          layer: 1,
          width,
          tiles,
          index: 2,
          sums: { from: 2, stack, depth: 0 },
        })
        const squares = Array.from(arena.f64(stack, depth * width))
        const out = stack
        own.path_products({
          sketch: weights.byteOffset,
          others: weights.byteOffset,
          count: 4,
          length: tileRows,
          out,
        })
        return [depth, ...squares, ...arena.f64(out, 4)]
      })
      one!.forEach((value, i) => {
        assert.ok(Math.abs(value - other![i]!) <= 1e-12, `${i}: ${value}, ${other![i]}`)
      })
    }
  })
}

kernels('a fold keeps norms, off by as much as a count sketch is', () => {
  const { own, weights, slots } = prepared('base')
  const folds = 60
  const square = folds * Array.from(weights).reduce((sum, value) => sum + value * value, 0)
  const scale = 2 ** 30
  const ratios = Array.from({ length: 50 }, (_, seed) => {
    slots.fill(0)
    for (let index = 0; index < folds * tiles; index += tiles) {
      const [x, at] = [weights.byteOffset, slots.byteOffset]
      own.path_fold({ x, scale, slots: at, folded: true, seed, tiles, index })
    }
    for (let i = 0; i < tileRows; i++) slots[i]! += slots[sketchRows + i]!
    const sketched = slots.subarray(0, sketchRows)
    return sketched.reduce((sum, value) => sum + (value / scale) ** 2, 0) / square
  })
  const mean = ratios.reduce((sum, ratio) => sum + ratio, 0) / ratios.length
  const scatter = Math.sqrt(ratios.reduce((sum, r) => sum + (r - mean) ** 2, 0) / ratios.length)
  const expected = Math.sqrt(2 / sketchRows)
  assert.ok(Math.abs(mean - 1) < (4 * expected) / Math.sqrt(ratios.length), `mean ${mean}`)
  assert.ok(scatter > 0.7 * expected && scatter < 1.4 * expected, `${scatter} for ${expected}`)
})

kernels.run()
