import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../../src/kernels/arena.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { type M, svdKernels } from '../../../src/stages/svd/kernels.gen.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of svd')

const rows = 3 * tileRows
const start = 64

interface Case {
  l: number
  n: number
  sb: 4 | 8
  eb: 4 | 8
  centred: boolean
}

/** Memory with B, X and the positions filled, and the addresses of M. */
function prepare(kind: KernelKind, { l, n, sb, eb, centred }: Case) {
  const arena = new Arena(4 << 20, kind)
  const next = random(l * 100 + n)
  const fill = (address: number, count: number, bytes: number): number => {
    const view = bytes === 8 ? arena.f64(address, count) : arena.f32(address, count)
    for (let i = 0; i < count; i++) view[i] = next()
    return address
  }
  const room = Math.ceil(Math.max(l, 1) / 4) * 4 + 4
  const b = fill(arena.take(rows * room * sb), rows * room, sb)
  const stride = rows * eb + 1088
  const x = arena.take(stride * n + 64)
  for (let j = 0; j < n; j++) fill(x + j * stride, rows, eb)
  const mean = fill(arena.take(rows * 8), rows, 8)
  const high = fill(arena.take(rows * 4), rows, 4)
  const low = fill(arena.take(rows * 4), rows, 4)
  const u = fill(arena.take(8 * n + 8), n, 8)
  const stack = arena.take(1 << 19)
  const panel = arena.take(512 * (l + n + 8))
  const out = arena.take(rows * room * sb)
  const m: M = {
    b,
    storageBytes: sb,
    room,
    l,
    x,
    stride,
    elementBytes: eb,
    n,
    mean: centred ? mean : 0,
    high,
    low,
    u,
  }
  return {
    arena,
    k: arena.kernels(svdKernels),
    m,
    stack,
    panel,
    out,
    room,
    size: l + n + Number(centred),
  }
}

const cases: Case[] = []
for (const [l, n] of [
  [0, 1],
  [1, 1],
  [3, 5],
  [16, 16],
  [7, 16],
  [32, 3],
  [12, 0],
] as const) {
  cases.push({ l, n, sb: 4, eb: 4, centred: false }, { l, n, sb: 8, eb: 8, centred: n > 0 })
}
cases.push(
  { l: 5, n: 4, sb: 4, eb: 4, centred: true },
  { l: 5, n: 4, sb: 4, eb: 8, centred: false }
)

/** Each case with all products, and without those of B's columns with each other. */
const products = (of: readonly Case[]) =>
  of.flatMap((one) => [...new Set([0, one.l])].map((known) => ({ ...one, known })))

/** Entries of C and the slot before them. */
const widthOf = (size: number, known: number): number =>
  1 + (size * (size + 1) - known * (known + 1)) / 2

kernels("the Gram matrix equals the reference's to the rounding of its sums", () => {
  for (const one of products(cases)) {
    const { known } = one
    const [wasm, reference] = (['base', 'js'] as const).map((kind) => {
      const { arena, k, m, stack, panel, size } = prepare(kind, one)
      const sums = { from: 4, stack, depth: 0 }
      const depth = k.svd_gram({ m, known, tiles: 3, index: 4, sums, panel })
      assert.is(depth, 2, 'tiles 4 and 5 are joined, 6 is not')
      return arena.f64(stack, 2 * widthOf(size, known)).slice()
    })
    wasm!.forEach((value, i) => {
      const error = Math.abs(value - reference![i]!)
      assert.ok(
        error <= 1e-13 * rows,
        `${JSON.stringify(one)}, entry ${i}: ${value} against ${reference![i]}`
      )
    })
  }
})

const relaxed = kernelKind('fast') === 'relaxed' ? kernels : kernels.skip

relaxed('the Gram matrix of f32 columns has the same bits with fused multiply-adds', () => {
  const some = cases.filter(({ sb, eb, centred }) => sb === 4 && eb === 4 && !centred)
  for (const one of products(some)) {
    const { known } = one
    const [base, fused] = (['base', 'relaxed'] as const).map((kind) => {
      const { arena, k, m, stack, panel, size } = prepare(kind, one)
      k.svd_gram({ m, known, tiles: 3, index: 4, sums: { from: 4, stack, depth: 0 }, panel })
      return arena.f64(stack, 2 * widthOf(size, known)).slice()
    })
    assert.equal(fused, base)
  }
})

const single = cases.filter(({ sb, eb, centred, n }) => sb === 4 && eb === 4 && !centred && n > 0)

for (const kind of ['base', 'relaxed'] as const) {
  const where = kind === 'base' ? kernels : relaxed

  where(`products in f32 give the reference's Gram matrix to their rounding, ${kind}`, () => {
    for (const one of products(single)) {
      const { known } = one
      const [wasm, reference, most] = (['single', 'reference', 'absolute'] as const).map(
        (which) => {
          const { arena, k, m, stack, panel, size } = prepare(which === 'single' ? kind : 'js', one)
          if (which === 'absolute') absolute(arena, m)
          const sums = { from: 4, stack, depth: 0 }
          k.svd_gram_single({ m, known, tiles: 3, index: 4, sums, panel })
          return arena.f64(stack, 2 * widthOf(size, known)).slice()
        }
      )
      wasm!.forEach((value, i) => {
        const error = Math.abs(value - reference![i]!)
        assert.ok(
          error <= 34 * 2 ** -24 * most![i]!,
          `${JSON.stringify(one)}, entry ${i}: ${error}`
        )
      })
    }
  })

  where(`products in f32 give the reference's rotation to their rounding, ${kind}`, () => {
    for (const one of single) {
      const [wasm, reference] = ([kind, 'js'] as const).map((kind) => {
        const { arena, k, m, stack, panel, room, size } = prepare(kind, one)
        const kept = Math.min(room, 8)
        const next = random(3)
        arena.f32(stack, size * kept).forEach((_, i, r) => {
          r[i] = next()
        })
        k.svd_rotate_single({ m, tiles: 3, r: stack, kept, panel })
        return arena.f32(m.b, rows * room).slice()
      })
      const k = one.l + one.n
      wasm!.forEach((value, i) => {
        const error = Math.abs(value - reference![i]!)
        assert.ok(error <= (k + 1) * k * 2 ** -24, `${JSON.stringify(one)}, element ${i}: ${error}`)
      })
    }
  })
}

/** Every element of B and X by its absolute value. */
function absolute(arena: Arena, { b, room, x, stride, n }: M): void {
  const columns = Array.from({ length: n }, (_, j) => arena.f32(x + j * stride, rows))
  for (const view of [arena.f32(b, rows * room), ...columns]) {
    for (let i = 0; i < view.length; i++) view[i] = Math.abs(view[i]!)
  }
}

kernels("the rotation equals the reference's, in place and beside", () => {
  for (const one of cases) {
    for (const inPlace of [true, false]) {
      const [wasm, reference] = (['base', 'js'] as const).map((kind) => {
        const { arena, k, m, stack, panel, out, room, size } = prepare(kind, one)
        const kept = Math.min(room, 8)
        const next = random(3)
        arena.f64(stack, size * kept).forEach((_, i, r) => {
          r[i] = next()
        })
        const to = inPlace ? m.b : out
        k.svd_rotate({ m, tiles: 3, r: stack, kept, panel, out: to, outRoom: room })
        return one.sb === 8
          ? arena.f64(to, rows * room).slice()
          : arena.f32(to, rows * room).slice()
      })
      wasm!.forEach((value, i) => {
        const error = Math.abs(value - reference![i]!)
        assert.ok(
          error <= (one.sb === 8 ? 1e-14 : 2 ** -23) * 20,
          `${JSON.stringify(one)}, element ${i}`
        )
      })
    }
  }
})

for (const kind of ['base', 'single', 'relaxed'] as const) {
  const where = kind === 'relaxed' ? relaxed : kernels
  where(`the elimination equals the reference's, in place, ${kind}`, () => {
    for (const [l, n, kept] of [
      [32, 16, 32],
      [8, 3, 8],
      [5, 12, 8],
      [12, 1, 4],
    ] as const) {
      const one: Case = { l, n, sb: 4, eb: 4, centred: false }
      const [wasm, reference] = ([kind === 'single' ? 'base' : kind, 'js'] as const).map(
        (kernel) => {
          const { arena, k, m, stack, panel, room } = prepare(kernel, one)
          const rest = l + n - kept
          // Every third column gives way to one from behind.
          const gone = Array.from({ length: kept }, (_, j) => j % 3 === 1 && kept + j < l + n)
          const from = gone.map((is, j) => (is ? kept + j : j))
          const others = gone.map((is, j) => (is ? j : kept + j)).filter((i) => i < l + n)
          const all = [
            ...new Set([...from, ...others, ...Array.from({ length: l + n }, (_, i) => i)]),
          ]
          assert.is(all.length, l + n)
          arena.u32(stack, l + n).set(all)
          const next = random(3)
          const c = stack + 8 * Math.ceil((l + n) / 2)
          const isSingle = kind !== 'base'
          const factors = isSingle ? arena.f32(c, rest * kept) : arena.f64(c, rest * kept)
          for (let i = 0; i < factors.length; i++) factors[i] = next()
          const values = { m, tiles: 3, plan: stack, kept, rest, c, panel }
          if (isSingle) k.svd_eliminate_single(values)
          else k.svd_eliminate(values)
          return arena.f32(m.b, rows * room).slice()
        }
      )
      const most = (kind === 'base' ? 1 : l + n - kept + 2) * (1 + l + n - kept)
      wasm!.forEach((value, i) => {
        const error = Math.abs(value - reference![i]!)
        assert.ok(error <= most * 2 ** -24, `${JSON.stringify(one)}, element ${i}: ${error}`)
      })
    }
  })
}

kernels("the running mean moves as the reference's does", () => {
  const one: Case = { l: 1, n: 5, sb: 4, eb: 4, centred: true }
  const [wasm, reference] = (['base', 'js'] as const).map((kind) => {
    const { arena, k, m } = prepare(kind, one)
    k.svd_mean({ m, rows, w: 0.25 })
    return arena.f64(m.mean, rows).slice()
  })
  assert.equal(wasm, reference)
})

kernels("write nothing below the arena's start and beyond their regions", () => {
  const { arena, k, m, stack, panel, size } = prepare('base', {
    l: 16,
    n: 16,
    sb: 4,
    eb: 4,
    centred: false,
  })
  const guard = arena.take(64)
  arena.u8(guard, 64).fill(77)
  const low = arena.u8(0, start).slice()
  k.svd_gram({ m, known: 0, tiles: 3, index: 0, sums: { from: 0, stack, depth: 0 }, panel })
  arena.f64(stack, size * 16).fill(0.5)
  k.svd_rotate({ m, tiles: 3, r: stack, kept: 16, panel, out: m.b, outRoom: m.room })
  assert.equal(arena.u8(0, start), low)
  assert.ok(arena.u8(guard, 64).every((byte) => byte === 77))
})

kernels.run()
