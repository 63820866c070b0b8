import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { engineKernels } from '../../src/engine/kernels.ts'
import { Arena, type KernelKind } from '../../src/kernels/arena.ts'
import { log, sinCos } from '../../src/kernels/math.ts'
import { random } from './frames.ts'

const kernels = suite("the engine's kernels")

const rows = 512
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
  kernels(`${name}: the twin gives the bits of both builds`, () => {
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
    k.difference(x, zero, rows - 3, eb)
    k.accumulate(sum, x, rows, eb)
    k.accumulate(sum, zero, rows, eb)
    k.settle(sum, x, rows - 1, eb)
  })
  agree(`folding of ${eb} bytes, from within a run of signs and from its start`, (arena, k) => {
    const [x, target] = [arena.take(rows * 8), arena.take(rows * 8)]
    fill(arena, x, rows)
    k.fold(x, eb, rows - 5, target, 1000, 37, 0xfedcba98)
    k.fold(x + 8 * eb, eb, 300, target + 64, 2 ** 25, 0, 1)
    k.fold(x, eb, 3, target, 4, 126, 1)
    const indices = arena.take(rows * 4)
    arena.u32(indices, rows).set(Uint32Array.from({ length: rows }, (_, i) => i * 300 + (i % 7)))
    k.fold_sparse(indices, x, eb, rows - 1, target, 2 ** 36 + 77, 100, 100 + rows, 0xfedcba98)
  })
  agree(`positions and separations of ${eb} bytes`, (arena, k) => {
    const [high, low, apart, x] = [0, 0, 0, 0].map(() => arena.take(rows * 64)) as [
      number,
      number,
      number,
      number,
    ]
    fill(arena, x, rows * 5)
    k.advance_positions(high, low, x, rows * eb, 3, rows, eb)
    k.advance_positions(high, low, x + rows * eb, rows * eb, 3, rows, eb)
    k.advance_separation(apart, x, rows * eb, 4, rows, eb)
  })
  agree(`anchors of ${eb} bytes`, (arena, k) => {
    const [anchor, weights, high, low, x, table, stack] = Array.from({ length: 7 }, () =>
      arena.take(rows * 32)
    ) as [number, number, number, number, number, number, number]
    fill(arena, anchor, rows, 100)
    fill(arena, x, 2 * rows)
    arena.u32(table, 2).set([x, x + rows * eb])
    k.anchor_positions(anchor, eb, 0, weights, high, low, table, 2, eb, 0, 2, 0, 0, stack, 0)
    k.anchor_positions(anchor, eb, 1, weights, high, low, table, 1, eb, 0, 2, 0, 0, stack, 0)
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
    k.anchor_separation(apart, anchor, zero, eb, table, 2, eb, 0, 0, 2, 0, 0, stack, 0)
    k.anchor_separation(apart, zero, anchor, eb, table, 1, eb, sum, x, 2, 2, 0, stack, 1)
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
  k.f16_to_f32(raw, wide, 1 << 16)
  notNaN(wide)
})

kernels('every f16 and bf16 value is widened exactly', () => {
  const arena = new Arena(1 << 20, 'base')
  const k = load(arena)
  const raw = arena.take(1 << 17)
  const wide = arena.take(1 << 18)
  const bits = new Uint16Array(arena.buffer, raw, 1 << 16)
  for (let i = 0; i < bits.length; i++) bits[i] = i
  k.bf16_to_f32(raw, wide, 1 << 16)
  assert.equal(Array.from(arena.u32(wide, 1 << 16), (v, i) => v === i * 65536).indexOf(false), -1)
  k.f16_to_f32(raw, wide, 1 << 16)
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
        assert.is(load(arena).count_unusable_f32(p, n), 1)
        arena.f64(p, 40).fill(n % 2 ? most : -most)[bad] = unusable[bad % 4]!
        assert.is(load(arena).count_unusable_f64(p, n), 1)
      }
    }
  }
})

kernels("the null's numbers are standard normal, and the twin draws the same", () => {
  const tiles = 200
  const draw = (kind: KernelKind): Float32Array => {
    const arena = new Arena(1 << 20, kind)
    const [x, energy, out, slot] = [0, 0, 0, 0].map(() => arena.take(1 << 14)) as [
      number,
      number,
      number,
      number,
    ]
    const all = new Float32Array(tiles * 512)
    for (let tile = 0; tile < tiles; tile++) {
      arena.f64(energy, 256).fill(1)
      load(arena).null_tile(x, 1024, 2, 4, energy, 0, out, 1024, 42, tile, 9, slot)
      all.set(arena.f32(out, 512), tile * 512)
    }
    return all
  }
  const g = draw('base')
  const twin = draw('js')
  const moment = (k: number): number => g.reduce((sum, v) => sum + v ** k, 0) / g.length
  const error = 4 / Math.sqrt(g.length)
  assert.ok(Math.abs(moment(1)) < error)
  assert.ok(Math.abs(moment(2) - 1) < error * Math.sqrt(2))
  assert.ok(Math.abs(moment(3)) < error * Math.sqrt(15))
  assert.ok(Math.abs(moment(4) - 3) < error * Math.sqrt(96))
  const lag = (k: number): number =>
    g.reduce((sum, v, i) => sum + v * (g[i + k] ?? 0), 0) / g.length
  for (const k of [1, 2, 256, 512]) assert.ok(Math.abs(lag(k)) < error, `lag ${k}: ${lag(k)}`)
  g.forEach((v, i) => {
    assert.ok(Math.abs(v - twin[i]!) <= 2 ** -22 * Math.max(1, Math.abs(v)))
  })
})

kernels('the logarithm, sine and cosine of the twins are right to 4e-16', () => {
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
