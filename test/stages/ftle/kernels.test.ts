import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena } from '../../../src/kernels/arena.ts'
import { sumsBytes } from '../../../src/kernels/sums.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { ftleKernels } from '../../../src/stages/ftle/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of ftle')

/** A tile's sums: a status, ‖w‖², then of each column the packed Gram of p vectors and their 1-norms. */
const sumsWidth = (p: number, n: number): number => 2 + (n * p * (p + 3)) / 2

interface Case {
  p: number
  n: number
  eb: 4 | 8
  tiles: number
  isWeighted: boolean
}

/** Fills an arena with the same numbers whatever its kind, runs the kernel, and returns the stack. */
function stackOf(kind: 'base' | 'relaxed' | 'js', { p, n, eb, tiles, isWeighted }: Case): number[] {
  const rows = (tiles + 1) * tileRows
  const width = sumsWidth(p, n)
  const stride = rows * eb + 64
  const arena = new Arena(
    p * (rows * 8 + n * stride + 128) +
      3 * rows * 4 +
      p * (tileRows * 8 + 64) +
      sumsBytes(9, width) +
      2048,
    kind
  )
  const next = random(p + n)
  const table = arena.u32(arena.take(12 * p), 3 * p)
  for (let m = 0; m < p; m++) {
    const separation = arena.take(rows * 8)
    arena.f64(separation, rows).forEach((_, i, all) => {
      all[i] = 1e-3 * next()
    })
    const columns = arena.take(n * stride)
    for (let j = 0; j < n; j++) {
      const address = columns + j * stride
      const column = eb === 8 ? arena.f64(address, rows) : arena.f32(address, rows)
      for (let i = 0; i < rows; i++) column[i] = 1e-4 * next()
    }
    table.set([separation, columns, stride], 3 * m)
  }
  const parts = [0, 1, 2].map(() => {
    const address = arena.take(rows * 4)
    arena.f32(address, rows).forEach((_, i, all) => {
      all[i] = next()
    })
    return address
  })
  const d = arena.take(p * tileRows * 8)
  const stack = arena.take(sumsBytes(9, width))
  const depth = arena.kernels(ftleKernels).ftle_grams({
    table: table.byteOffset,
    p,
    n,
    elementBytes: eb,
    weights: isWeighted ? parts[0]! : 0,
    high: parts[1]!,
    low: parts[2]!,
    d,
    tile: 1,
    tiles,
    index: 3,
    sums: { from: 2, stack, depth: 0 },
  })
  return [depth, ...arena.f64(stack, depth * width)]
}

const cases: Case[] = [1, 2, 3].flatMap((p) =>
  ([4, 8] as const).map((eb) => ({ p, n: 5 - p, eb, tiles: 2 * p, isWeighted: p !== 2 }))
)

kernels('agree with their reference to rounding', () => {
  for (const one of cases) {
    const wasm = stackOf('base', one)
    const reference = stackOf('js', one)
    assert.is(wasm.length, reference.length)
    assert.is(wasm[0], reference[0], 'depth')
    const width = sumsWidth(one.p, one.n)
    wasm.forEach((value, i) => {
      if (i === 0) return
      const isNorm = (i - 1) % width === 1
      const scale = isNorm
        ? reference[i]!
        : Math.max(...reference.filter((_, k) => (k - 1) % width > 1))
      assert.ok(
        Math.abs(value - reference[i]!) <= 1e-13 * scale,
        `p ${one.p}, value ${i}: ${value} and ${reference[i]}`
      )
    })
  }
})

kernels('are the same to the bit in both builds', () => {
  for (const one of cases) assert.equal(stackOf('relaxed', one), stackOf('base', one))
})

kernels('give the sums of their definition', () => {
  const arena = new Arena(1 << 16, 'base')
  const separation = arena.f64(arena.take(tileRows * 8), tileRows)
  const column = arena.f32(arena.take(tileRows * 4), tileRows)
  separation.set([1, -2, 3])
  column.set([0.5, 0.5, -4])
  const table = arena.u32(arena.take(12), 3)
  table.set([separation.byteOffset, column.byteOffset, tileRows * 4])
  const weights = arena.f32(arena.take(tileRows * 4), tileRows)
  weights.set([3, 4])
  const zero = arena.take(tileRows * 4)
  const d = arena.take(tileRows * 8)
  const stack = arena.take(1024)
  const run = (w: number): number =>
    arena.kernels(ftleKernels).ftle_grams({
      ...{
        table: table.byteOffset,
        p: 1,
        n: 1,
        elementBytes: 4,
        weights: w,
        high: zero,
        low: zero,
      },
      d,
      tile: 0,
      tiles: 1,
      index: 0,
      sums: { from: 0, stack, depth: 0 },
    })
  assert.is(run(weights.byteOffset), 1)
  assert.equal([...arena.f64(stack, 4)], [0, 25, 1.5 ** 2 + 1.5 ** 2 + 1, 1.5 + 1.5 + 1])
  assert.equal([...separation.subarray(0, 3)], [1, -2, 3], 'the separation stays')
  run(0)
  assert.is(arena.f64(stack, 4)[1], 0)
})

kernels('give the Grams of tangent vectors, and their reference the same', () => {
  const [k, n, tiles] = [3, 4, 3]
  const rows = (tiles + 1) * tileRows
  const width = sumsWidth(k, n)
  for (const eb of [4, 8] as const) {
    const stride = rows * eb + 64
    const columns: number[][][] = []
    const stackIn = (kind: 'base' | 'relaxed' | 'js'): number[] => {
      const arena = new Arena(k * (n * stride + 4096) + sumsBytes(9, width) + 4096, kind)
      const next = random(eb)
      const table = arena.u32(arena.take(12 * k), 3 * k)
      for (let m = 0; m < k; m++) {
        const first = arena.take(n * stride)
        table.set([0, first, stride], 3 * m)
        columns[m] = Array.from({ length: n }, (_, j) => {
          const address = first + j * stride
          const column = eb === 8 ? arena.f64(address, rows) : arena.f32(address, rows)
          for (let i = 0; i < rows; i++) column[i] = next()
          return Array.from(column)
        })
      }
      const v = arena.take(tileRows * 8 * k)
      const stack = arena.take(sumsBytes(9, width))
      const own = arena.kernels(ftleKernels)
      const depth = own.ftle_grams({
        table: table.byteOffset,
        p: k,
        n,
        elementBytes: eb,
        weights: 0,
        high: 0,
        low: 0,
        d: v,
        tile: 1,
        tiles,
        index: 2,
        sums: { from: 2, stack, depth: 0 },
      })
      return [depth, ...arena.f64(stack, depth * width)]
    }
    const [depth, ...sums] = stackIn('base')
    assert.equal(stackIn('relaxed'), [depth, ...sums])
    const reference = stackIn('js')
    assert.is(reference[0], depth)
    const total = new Float64Array(width)
    sums.forEach((value, i) => {
      assert.ok(Math.abs(value - reference[i + 1]!) <= 1e-13 * rows)
      total[i % width]! += value
    })
    let at = 2
    for (let j = 0; j < n; j++) {
      for (let m = 0; m < k; m++) {
        for (let q = 0; q <= m; q++) {
          const [a, b] = [columns[m]![j]!.slice(tileRows), columns[q]![j]!.slice(tileRows)]
          const product = a.reduce((sum, value, i) => sum + value * b[i]!, 0)
          assert.ok(Math.abs(total[at++]! - product) <= 1e-12 * rows)
        }
      }
      for (let m = 0; m < k; m++) assert.is(total[at++], 0, 'tangents have no 1-norm')
    }
  }
})

kernels.run()
