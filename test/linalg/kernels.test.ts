import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind, kernelKind } from '../../src/kernels/arena.ts'
import { linalgKernels } from '../../src/linalg/kernels.gen.ts'
import { columnIndex, panels, panelWidth } from '../../src/linalg/panels.ts'
import { random } from '../engine/frames.ts'

const kernels = suite('the kernels of linear algebra')

const kinds: KernelKind[] = kernelKind('fast') === 'relaxed' ? ['base', 'relaxed'] : ['base']
const unit = { 4: 2 ** -24, 8: 2 ** -53 } as const

/** Memory with room for matrices, each filled with numbers of its own. */
class Room {
  readonly arena: Arena
  readonly k: ReturnType<typeof load>
  readonly bytes: 4 | 8

  constructor(kind: KernelKind, bytes: 4 | 8) {
    this.arena = new Arena(8 << 20, kind)
    this.k = load(this.arena)
    this.bytes = bytes
  }

  view(at: number, length: number): Float64Array | Float32Array {
    return this.bytes === 8 ? this.arena.f64(at, length) : this.arena.f32(at, length)
  }

  /** Panels of a matrix, zero beyond it; with `absolute` of its magnitudes. */
  matrix(rows: number, columns: number, seed: number, absolute: boolean): number {
    const { rows: m, columns: n, bytes } = panels(rows, columns, this.bytes)
    const at = this.arena.take(bytes)
    const view = this.view(at, m * n)
    const next = random(seed)
    for (let j = 0; j < columns; j++) {
      for (let i = 0; i < rows; i++) {
        const value = next()
        view[columnIndex(m, j, this.bytes) + panelWidth(this.bytes) * i] = absolute
          ? Math.abs(value)
          : value
      }
    }
    return at
  }
}

const load = (arena: Arena) => arena.kernels(linalgKernels)

type Body = (room: Room, absolute: boolean) => { at: number; length: number; terms: number }

/** A product by each build against the reference's, to the rounding of its sums. */
function agree(name: string, body: Body): void {
  kernels(`${name} is the reference's to its rounding`, () => {
    for (const bytes of [4, 8] as const) {
      const run = (kind: KernelKind, absolute: boolean) => {
        const room = new Room(kind, bytes)
        const { at, length, terms } = body(room, absolute)
        return { values: room.view(at, length).slice(), terms }
      }
      const expected = run('js', false)
      const most = run('js', true)
      for (const kind of kinds) {
        const { values, terms } = run(kind, false)
        values.forEach((value, i) => {
          const error = Math.abs(value - expected.values[i]!)
          const limit = (terms + 2) * unit[bytes] * Math.abs(most.values[i]!)
          assert.ok(error <= limit, `${kind}, ${bytes} bytes, element ${i}: ${error} of ${limit}`)
        })
      }
    }
  })
}

for (const [k, m, n] of [
  [8, 8, 8],
  [300, 70, 24],
  [513, 9, 130],
] as const) {
  agree(`the inner product of ${k} rows, ${m} by ${n}`, (room, absolute) => {
    const { rows, columns } = panels(k, m)
    const { columns: across } = panels(k, n)
    const a = room.matrix(k, m, 1, absolute)
    const b = room.matrix(k, n, 2, absolute)
    const start = room.arena.take(columns * across * room.bytes)
    const out = { start, row: across * room.bytes, panel: 32 }
    const inner = { a, m: columns, b, n: across, k: rows, isSymmetric: false, out }
    if (room.bytes === 8) room.k.inner_f64(inner)
    else room.k.inner_f32(inner)
    return { at: start, length: columns * across, terms: rows }
  })

  agree(`the Gram matrix of ${k} by ${n}, completed`, (room, absolute) => {
    const { rows, columns } = panels(k, n)
    const a = room.matrix(k, n, 3, absolute)
    const start = room.arena.take(columns * columns * room.bytes)
    const out = { start, row: 32, panel: 32 * columns }
    const inner = { a, m: columns, b: a, n: columns, k: rows, isSymmetric: true, out }
    const completed = { n: columns, shift: 1.5, scale: absolute ? 0.5 : -0.5, out }
    if (room.bytes === 8) {
      room.k.inner_f64(inner)
      room.k.symmetric_f64(completed)
    } else {
      room.k.inner_f32(inner)
      room.k.symmetric_f32(completed)
    }
    return { at: start, length: columns * columns, terms: rows + 2 }
  })

  agree(`a product of ${m} by ${k} with ${n} columns`, (room, absolute) => {
    const { rows, columns } = panels(m, k)
    const { columns: across } = panels(k, n)
    const y = room.matrix(m, k, 4, absolute)
    const p = room.matrix(k, n, 5, absolute)
    const out = room.arena.take(rows * across * room.bytes)
    const work = room.arena.take(64 * columns * room.bytes)
    const product = { y, m: rows, n: columns, p, s: across, out, work }
    if (room.bytes === 8) room.k.multiply_f64(product)
    else room.k.multiply_f32(product)
    return { at: out, length: rows * across, terms: columns }
  })
}

kernels('a product in place is the one beside', () => {
  const of = (inPlace: boolean) => {
    const room = new Room('base', 8)
    const [y, p] = [room.matrix(100, 300, 6, false), room.matrix(300, 300, 7, false)]
    const { rows, columns } = panels(100, 300)
    const out = inPlace ? y : room.arena.take(rows * columns * 8)
    const work = room.arena.take(64 * columns * 8)
    room.k.multiply_f64({ y, m: rows, n: columns, p, s: columns, out, work })
    return room.arena.f64(out, rows * columns).slice()
  }
  assert.equal(of(true), of(false))
})

kernels("three diagonals are the reference's to rounding", () => {
  for (const n of [1, 2, 3, 17, 64]) {
    const found = (['base', 'js'] as const).map((kind) => {
      const arena = new Arena(1 << 20, kind)
      const [a, d, e, h, work] = [n * n, n, n, n, 2 * n].map((length) =>
        arena.take(8 * length)
      ) as [number, number, number, number, number]
      const next = random(n)
      const matrix = arena.f64(a, n * n)
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) matrix[i * n + j] = next()
      // A row that needs no reflector.
      if (n > 3) matrix.fill(0, (n - 1) * n, n * n - 1)
      arena.kernels(linalgKernels).tridiagonal({ a, n, pitch: 8 * n, d, e, h, work })
      return [d, e, h].flatMap((at) => [...arena.f64(at, n)])
    })
    found[0]!.forEach((value, i) => {
      assert.ok(Math.abs(value - found[1]![i]!) <= 1e-13 * n, `${n}: number ${i}`)
    })
  }
})

kernels.run()
