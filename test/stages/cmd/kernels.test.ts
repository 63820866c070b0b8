import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind } from '../../../src/kernels/arena.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { cmdKernels } from '../../../src/stages/cmd/kernels.gen.ts'
import { openTile, tileBytes } from '../../../src/stages/cmd/state.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of cmd')

const tileCount = 2
const rows = tileCount * tileRows
const width = 9

interface Case {
  readonly eb: 4 | 8
  readonly columns: number
  readonly modes: number
  readonly forget: number
}

/** Places of the columns that are looked at, block by block. */
const looks = [[0, 1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 7], [8], [0, 4, 5]] as const

/** Four blocks into a tile, each turned by a rotation that is no eigenvectors', then references for every row. */
function life(kind: KernelKind, { eb, columns, modes, forget }: Case) {
  const arena = new Arena(1 << 21, kind)
  const k = arena.kernels(cmdKernels)
  const next = random(11)
  const stride = rows * eb
  const pitch = tileBytes(columns)
  const tiles = { first: arena.take(tileCount * pitch), length: tileCount, pitch }
  const x = arena.take(stride * width)
  const size = columns + width
  const [high, low] = [arena.take(4 * rows), arena.take(4 * rows)]
  const [roots, moved, r] = [
    arena.take(8 * width),
    arena.take(16 * tileCount),
    arena.take(4 * size * columns),
  ]
  const [panel, stack] = [arena.take(512 * (size + 6) + 32 * width), arena.take(1 << 16)]
  const [references, counts] = [arena.take(4 * modes * columns), arena.take(4 * (modes + 2))]
  const entries = eb === 8 ? arena.f64(x, width * rows) : arena.f32(x, width * rows)
  const states = Array.from({ length: tileCount }, (_, t) =>
    openTile(arena.buffer, tiles.first + t * pitch, columns)
  )
  const sums = { from: 0, stack, depth: 0 }
  const grams: Float64Array[] = []
  let kept = 0
  let weight = 0
  looks.forEach((looked, step) => {
    for (let row = 0; row < rows; row++) {
      arena.f32(high, rows)[row] = row % 17 === 0 ? 0 : 10 ** (row % 7) * next()
      arena.f32(low, rows)[row] = arena.f32(high, rows)[row]! * 1e-9
      for (let j = 0; j < width; j++) {
        entries[j * rows + row] = row % 17 === 0 ? 0 : next() * 10 ** (row % 7)
      }
    }
    if (step === 2) entries[5] = 2 ** 100
    const weights = looked.map((_, i) => forget ** (looked.length - 1 - i))
    const table = arena.f64(roots, width).fill(0)
    looked.forEach((column, i) => {
      table[column] = Math.sqrt(weights[i]!)
    })
    const fade = forget ** looked.length
    const added = weights.reduce((sum, v) => sum + v, 0)
    const before = fade * weight
    weight = before + added
    const pass = {
      tiles,
      kept,
      columns: { x, stride, elementBytes: eb, high, low },
      looked: {
        count: looked.at(-1)! + 1,
        taken: looked.length,
        roots,
        kappa: (1 - Math.sqrt(before / weight)) / added,
        fade,
        fresh: step === 0,
        fraction: 1 / weight,
      },
      panel,
    }
    assert.is(k.cmd_gram({ ...pass, index: 0, sums }), 1)
    const m = kept + looked.length
    grams.push(arena.f64(stack, 3 + (m * (m + 1)) / 2).slice())
    const turned = columns
    arena.f32(r, m * turned).forEach((_, i, all) => {
      all[i] = next() / Math.sqrt(m)
    })
    k.cmd_turn({ ...pass, r, turned, moved })
    kept = turned
  })
  arena.f32(references, modes * kept).forEach((_, i, all) => {
    all[i] = next()
  })
  for (const { mode } of states) {
    mode.forEach((_, row) => {
      mode[row] = row % (modes + 1)
    })
  }
  const values = { kept, references, modes, counts, index: 0, sums, scratch: panel }
  assert.is(k.cmd_assign({ ...values, tiles }), 1)
  return {
    grams,
    moved: arena.f64(moved, 2 * tileCount).slice(),
    mean: states.flatMap(({ mean }) => [...mean]),
    energy: states.flatMap(({ energy }) => [...energy]),
    /** A row of B for each row. */
    factor: states.flatMap(({ factor }) =>
      Array.from({ length: tileRows }, (_, row) =>
        Array.from({ length: columns }, (_, k) => factor[k * tileRows + row]!)
      )
    ),
    mode: states.flatMap(({ mode }) => [...mode]),
    changes: states.map(({ changes }) => changes[0]!),
    sums: arena.f64(stack, 5 + modes).slice(),
    counts: arena.u32(counts, modes + 2).slice(),
  }
}

/** Every value within `tolerance` of its expectation, relative to itself or to 1. */
function close(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  name: string,
  floor = 0
): void {
  Array.from(actual).forEach((value, i) => {
    const size = Math.max(floor, Math.abs(expected[i]!))
    const error = Math.abs(value - expected[i]!)
    assert.ok(error <= tolerance * size, `${name} ${i}: ${value}, expected ${expected[i]}`)
  })
}

const cases: Case[] = [
  { eb: 4, columns: 8, modes: 10, forget: 1 },
  { eb: 8, columns: 8, modes: 10, forget: 0.9 },
  { eb: 4, columns: 4, modes: 1, forget: 1 },
  { eb: 4, columns: 20, modes: 255, forget: 0.9 },
]
for (const own of cases) {
  const what = Object.entries(own).flat().join(' ')
  kernels(`the reference agrees: ${what}`, () => {
    const wasm = life('base', own)
    const reference = life('js', own)
    wasm.grams.forEach((gram, step) => {
      close(gram, reference.grams[step]!, 2e-5, `Gram matrix of block ${step}, entry`, rows / 10)
    })
    close(wasm.mean, reference.mean, 1e-12, 'mean', 1e-6)
    close(wasm.energy, reference.energy, 1e-12, 'E')
    close(wasm.moved, reference.moved, 1e-12, 'moved')
    close(wasm.factor.flat(), reference.factor.flat(), 1e-5, 'b', 1)
    assert.equal(wasm.mode, reference.mode)
    assert.equal(wasm.changes, reference.changes)
    assert.ok(own.modes === 1 || wasm.changes.every((count) => count > 20))
    assert.equal(wasm.counts, reference.counts)
    close(wasm.sums, reference.sums, 1e-5, 'sums', 1)
  })
}

kernels('rows that never moved have E = 0 exactly and no mode', () => {
  const { energy, mode, counts, factor } = life('base', cases[0]!)
  for (let row = 0; row < rows; row += 17) {
    assert.is(energy[row], 0)
    assert.is(mode[row], 0)
    assert.ok(factor[row]!.every((value) => value === 0))
  }
  assert.is(counts[11], Math.ceil(rows / 17))
})

kernels('a row of the largest value that there is has a square', () => {
  const { energy, mode } = life('base', cases[0]!)
  assert.ok(energy[5]! > 1e59, `${energy[5]}`)
  assert.ok(mode[5]! > 0)
})

interface Covered {
  readonly q: Float32Array
  readonly best: Float32Array
  readonly totals: Float64Array
}

/** What 9 candidates make of 48 samples, the best of some of them without one, and totals of others. */
function cover(kind: KernelKind): Covered {
  const arena = new Arena(1 << 17, kind)
  const k = arena.kernels(cmdKernels)
  const next = random(3)
  const [kept, length, count] = [7, 48, 9]
  const samples = arena.take(4 * kept * length)
  const candidates = arena.take(4 * kept * count)
  for (const view of [arena.f32(samples, kept * length), arena.f32(candidates, kept * count)]) {
    view.forEach((_, i) => {
      view[i] = next()
    })
  }
  const likeness = { q: arena.take(4 * count * length), pitch: 4 * length, length }
  const [members, best, totals] = [
    arena.take(4 * count),
    arena.take(4 * length),
    arena.take(8 * count),
  ]
  k.cmd_likeness({ samples, candidates, count, kept, likeness })
  arena.u32(members, 3).set([7, 2, 4])
  k.cmd_best({ likeness, members, count: 3, without: 1, best })
  arena.f64(totals, count).fill(-1)
  arena.u32(members, 2).set([5, 0])
  k.cmd_totals({ likeness, members, count: 2, best, totals })
  return {
    q: arena.f32(likeness.q, count * length).slice(),
    best: arena.f32(best, length).slice(),
    totals: arena.f64(totals, count).slice(),
  }
}

/** Rows that the null draws: 48 of 7 columns, two of them alike and one without. */
function drawn(kind: KernelKind, rest: number): Float32Array {
  const arena = new Arena(1 << 17, kind)
  const [kept, length] = [7, 48]
  const numbers = arena.take(4 * length)
  const deviations = arena.take(4 * kept)
  const samples = arena.take(4 * kept * length)
  arena.u32(numbers, length).set(Array.from({ length }, (_, i) => i + 1))
  arena.u32(numbers, length).set([9, 0], 20)
  arena.f32(deviations, kept).forEach((_, k, all) => {
    all[k] = 1 / (k + 1)
  })
  const values = { numbers, deviations, kept, rest, length, samples }
  arena.kernels(cmdKernels).cmd_draw({ ...values, seed: 0xdeadbeef })
  return arena.f32(samples, kept * length).slice()
}

for (const rest of [0, 0.2]) {
  kernels(`the reference agrees on rows of the null, ${rest} of them left out`, () => {
    const wasm = drawn('base', rest)
    close(wasm, drawn('js', rest), 1e-5, 'entry', 1)
    const row = (i: number): number[] => Array.from({ length: 7 }, (_, k) => wasm[48 * k + i]!)
    assert.equal(row(20), row(8), 'equal numbers have equal rows')
    assert.ok(
      row(21).every((value) => value === 0),
      'no number, no row'
    )
    const square = row(5).reduce((sum, value) => sum + value * value, 0)
    assert.ok(rest > 0 ? square < 1 : Math.abs(square - 1) < 1e-6, `${square}`)
  })
}

kernels('the reference agrees on what candidates cover', () => {
  const [wasm, reference] = [cover('base'), cover('js')]
  close(wasm.q, reference.q, 1e-5, 'Q', 0.1)
  close(wasm.best, reference.best, 1e-5, 'best', 0.1)
  close(wasm.totals, reference.totals, 1e-5, 'total', 1)
  assert.ok(wasm.q.includes(1), 'corr² is at most 1')
  const row = (c: number): Float32Array => wasm.q.subarray(48 * c, 48 * (c + 1))
  wasm.best.forEach((value, i) => {
    assert.is(value, Math.max(row(7)[i]!, row(4)[i]!))
  })
  assert.equal(
    [...wasm.totals].flatMap((total, c) => (total < 0 ? [] : [c])),
    [0, 5]
  )
})

kernels.run()
