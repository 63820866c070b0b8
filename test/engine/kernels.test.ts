import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineKernels } from '../../src/engine/kernels.gen.ts'
import { Arena, type KernelKind } from '../../src/kernels/arena.ts'
import { log, sinCos } from '../../src/kernels/math.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { random } from './frames.ts'

const kernels = suite("the engine's kernels")

const rows = 2 * tileRows
const next = random(7)
const noise = Float64Array.from({ length: 16 * rows }, () => next() * 10 ** (8 * next()))

/** Runs a body over the same memory with one kind of kernels and returns the memory after it. */
function memoryAfter(
  kind: KernelKind,
  body: (arena: Arena, k: ReturnType<typeof load>) => void
): Uint8Array {
  const arena = new Arena(1 << 20, kind)
  body(arena, load(arena))
  return arena.u8(0, 1 << 19).slice()
}
const load = (arena: Arena) => arena.kernels(engineKernels)

function agree(name: string, body: (arena: Arena, k: ReturnType<typeof load>) => void): void {
  kernels(`${name}: the reference gives the bits of both builds`, () => {
    const expected = memoryAfter('js', body)
    for (const kind of ['base', 'relaxed'] as const) {
      if (kind === 'relaxed' && !hasRelaxed) continue
      assert.equal(memoryAfter(kind, body), expected, kind)
    }
  })
}
const hasRelaxed = (() => {
  try {
    load(new Arena(1 << 16, 'relaxed'))
    return true
  } catch {
    return false
  }
})()

for (const eb of [4, 8] as const) {
  const fill = (arena: Arena, p: number, n: number, from = 0): void => {
    const view = eb === 8 ? arena.f64(p, n) : arena.f32(p, n)
    view.set(noise.subarray(from, from + n))
  }
  agree(`difference, accumulate and settle of ${eb} bytes`, (arena, k) => {
    const [x, zero, sum] = [arena.take(rows * 8), arena.take(rows * 8), arena.take(rows * 8)]
    fill(arena, x, rows)
    fill(arena, zero, rows, rows)
    k.difference({ x, zero, n: rows - 3, elementBytes: eb })
    k.accumulate({ sum, x, n: rows, elementBytes: eb })
    k.accumulate({ sum, x: zero, n: rows, elementBytes: eb })
    k.settle({ sum, x, n: rows - 1, elementBytes: eb })
  })
  agree(`folding of ${eb} bytes, from within a run of signs and from its start`, (arena, k) => {
    const [x, target] = [arena.take(rows * 8), arena.take(rows * 8)]
    fill(arena, x, rows)
    const fold = (at: Omit<Parameters<typeof k.fold>[0], 'elementBytes'>): void =>
      k.fold({ ...at, elementBytes: eb })
    fold({ x, n: rows - 5, target, run: 1000, at: 37, seed: 0xfedcba98 })
    fold({ x: x + 8 * eb, n: 300, target: target + 64, run: 2 ** 25, at: 0, seed: 1 })
    fold({ x, n: 3, target, run: 4, at: 126, seed: 1 })
    const indices = arena.take(rows * 4)
    arena.u32(indices, rows).set(Uint32Array.from({ length: rows }, (_, i) => i * 300 + (i % 7)))
    k.fold_sparse({
      indices,
      values: x,
      elementBytes: eb,
      n: rows - 1,
      target,
      offset: 2 ** 36 + 77,
      from: 100,
      to: 100 + rows,
      seed: 0xfedcba98,
    })
  })
  agree(`positions and separations of ${eb} bytes`, (arena, k) => {
    const [high, low, apart, x] = [0, 0, 0, 0].map(() => arena.take(rows * 64)) as [
      number,
      number,
      number,
      number,
    ]
    fill(arena, x, rows * 5)
    const columns = { stride: rows * eb, n: rows, elementBytes: eb }
    k.advance_positions({ high, low, x, count: 3, ...columns })
    k.advance_positions({ high, low, x: x + rows * eb, count: 3, ...columns })
    k.advance_separation({ separation: apart, x, count: 4, ...columns })
    const out = arena.take(rows * 8)
    for (const weights of [0, x]) {
      k.weights_after({ weights, high, low, x, count: 5, out, ...columns })
    }
  })
  agree(`anchors of ${eb} bytes`, (arena, k) => {
    const [anchor, weights, high, low, x, table, stack] = Array.from({ length: 7 }, () =>
      arena.take(rows * 32)
    ) as [number, number, number, number, number, number, number]
    fill(arena, anchor, rows, 100)
    fill(arena, x, 2 * rows)
    arena.u32(table, 2).set([x, x + rows * eb])
    for (const [known, count] of [
      [false, 2],
      [true, 1],
    ] as const) {
      k.anchor_positions({
        anchor,
        anchorBytes: eb,
        known,
        weights,
        high,
        low,
        moves: { table, count, elementBytes: eb, sum: 0 },
        tiles: 2,
        index: 0,
        sums: { from: 0, stack, depth: 0 },
      })
    }
  })
  agree(`separations from anchors of ${eb} bytes`, (arena, k) => {
    const [anchor, zero, apart, sum, x, table, stack] = Array.from({ length: 7 }, () =>
      arena.take(rows * 32)
    ) as [number, number, number, number, number, number, number]
    fill(arena, anchor, rows, 100)
    fill(arena, zero, rows, 300)
    fill(arena, x, 2 * rows)
    arena.f64(sum, rows).set(noise.subarray(rows, 2 * rows))
    arena.u32(table, 2).set([x, x + rows * eb])
    k.anchor_separation({
      separation: apart,
      anchor,
      zero,
      anchorBytes: eb,
      moves: { table, count: 2, elementBytes: eb, sum: 0 },
      zeroSum: 0,
      tiles: 2,
      index: 0,
      sums: { from: 0, stack, depth: 0 },
    })
    k.anchor_separation({
      separation: apart,
      anchor: zero,
      zero: anchor,
      anchorBytes: eb,
      moves: { table, count: 1, elementBytes: eb, sum },
      zeroSum: x,
      tiles: 2,
      index: 2,
      sums: { from: 0, stack, depth: 1 },
    })
  })
}

agree('widening', (arena, k) => {
  const raw = arena.take(1 << 17)
  arena
    .u8(raw, 1 << 17)
    .set(Uint8Array.from({ length: 1 << 17 }, (_, i) => (i & 1 ? i >> 9 : i >> 1)))
  const notNaN = (p: number): void => {
    const view = arena.f32(p, 1 << 16)
    for (let i = 0; i < view.length; i++) if (Number.isNaN(view[i]!)) view[i] = 0
  }
  const wide = arena.take(1 << 18)
  k.f16_to_f32({ source: raw, target: wide, n: 1 << 16 })
  notNaN(wide)
})

kernels('every f16 and bf16 value is widened exactly', () => {
  const arena = new Arena(1 << 20, 'base')
  const k = load(arena)
  const raw = arena.take(1 << 17)
  const wide = arena.take(1 << 18)
  const bits = new Uint16Array(arena.buffer, raw, 1 << 16)
  for (let i = 0; i < bits.length; i++) bits[i] = i
  k.bf16_to_f32({ source: raw, target: wide, n: 1 << 16 })
  assert.equal(Array.from(arena.u32(wide, 1 << 16), (v, i) => v === i * 65536).indexOf(false), -1)
  k.f16_to_f32({ source: raw, target: wide, n: 1 << 16 })
  const values = arena.f32(wide, 1 << 16)
  for (let i = 0; i < 1 << 16; i++) {
    const [e, f] = [(i >> 10) & 31, i & 1023]
    const magnitude =
      e === 31
        ? f
          ? Number.NaN
          : Infinity
        : e === 0
          ? f * 2 ** -24
          : (1 + f / 1024) * 2 ** (e - 15)
    assert.is(
      Object.is(values[i], i & 0x8000 ? -magnitude : magnitude) || Number.isNaN(magnitude),
      true,
      `half ${i}`
    )
    if (Number.isNaN(magnitude)) assert.ok(Number.isNaN(values[i]!))
  }
})

kernels('elements that cannot be used are counted at every place', () => {
  const unusable = [Number.NaN, -Infinity, 2 ** 100, -(2 ** 127)]
  const most = Math.fround(2 ** 100 * (1 - 2 ** -24))
  for (const kind of ['base', 'js'] as const) {
    const arena = new Arena(1 << 16, kind)
    const p = arena.take(8 * 40)
    for (let n = 0; n < 23; n++) {
      for (let bad = 0; bad < n; bad++) {
        arena.f32(p, 40).fill(n % 2 ? most : -most)[bad] = unusable[bad % 4]!
        assert.is(load(arena).count_unusable_f32({ p, n }), 1)
        arena.f64(p, 40).fill(n % 2 ? most : -most)[bad] = unusable[bad % 4]!
        assert.is(load(arena).count_unusable_f64({ p, n }), 1)
      }
    }
  }
})

kernels("the null's numbers are standard normal, and the reference draws the same", () => {
  const tiles = 200
  const draw = (kind: KernelKind): Float32Array => {
    const arena = new Arena(1 << 20, kind)
    const [x, energy, out, slot] = [0, 0, 0, 0].map(() => arena.take(1 << 14)) as [
      number,
      number,
      number,
      number,
    ]
    const stride = tileRows * 4
    const all = new Float32Array(tiles * 2 * tileRows)
    for (let tile = 0; tile < tiles; tile++) {
      arena.f64(energy, tileRows).fill(1)
      load(arena).null_tile({
        x,
        stride,
        count: 2,
        elementBytes: 4,
        energy,
        commit: false,
        out,
        outStride: stride,
        seed: 42,
        tile,
        step: 9,
        slot,
      })
      all.set(arena.f32(out, 2 * tileRows), tile * 2 * tileRows)
    }
    return all
  }
  const g = draw('base')
  const reference = draw('js')
  const moment = (k: number): number => g.reduce((sum, v) => sum + v ** k, 0) / g.length
  const error = 4 / Math.sqrt(g.length)
  assert.ok(Math.abs(moment(1)) < error)
  assert.ok(Math.abs(moment(2) - 1) < error * Math.sqrt(2))
  assert.ok(Math.abs(moment(3)) < error * Math.sqrt(15))
  assert.ok(Math.abs(moment(4) - 3) < error * Math.sqrt(96))
  const lag = (k: number): number =>
    g.reduce((sum, v, i) => sum + v * (g[i + k] ?? 0), 0) / g.length
  for (const k of [1, 2, tileRows, 2 * tileRows])
    assert.ok(Math.abs(lag(k)) < error, `lag ${k}: ${lag(k)}`)
  g.forEach((v, i) => {
    assert.ok(Math.abs(v - reference[i]!) <= 2 ** -22 * Math.max(1, Math.abs(v)))
  })
})

kernels('the logarithm, sine and cosine of the references are right to 4e-16', () => {
  for (let i = 0; i < 20000; i++) {
    const x = Math.abs(next()) * 10 ** (300 * next())
    assert.ok(Math.abs(log(x) - Math.log(x)) <= 4e-16 * Math.abs(Math.log(x)), `log ${x}`)
    const angle = Math.abs(next()) * 2 * Math.PI
    const [sin, cos] = sinCos(angle)
    assert.ok(Math.abs(sin - Math.sin(angle)) < 4e-16)
    assert.ok(Math.abs(cos - Math.cos(angle)) < 4e-16)
  }
  assert.is(log(0), -Infinity)
  assert.is(log(1), 0)
})

kernels.run()
