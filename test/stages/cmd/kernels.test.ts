import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Arena, type KernelKind } from '../../../src/kernels/arena.ts'
import { openHeader } from '../../../src/stage/header.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import type { CmdInstance } from '../../../src/stages/cmd/instance.ts'
import { cmdKernels } from '../../../src/stages/cmd/kernels.gen.ts'
import { fillPiece, fillScale, openPiece, pieceBytes } from '../../../src/stages/cmd/pieces.ts'
import { openTile, tileBytes } from '../../../src/stages/cmd/state.ts'
import { random } from '../../engine/frames.ts'

const kernels = suite('the kernels of cmd')

const rows = tileRows
const width = 9

/** Two blocks against all references, the choice, two blocks against each row's own, and the sums. */
function life(kind: KernelKind, eb: 4 | 8, modes: number, forget = 1) {
  const arena = new Arena(1 << 20, kind)
  const k = arena.kernels(cmdKernels)
  const stride = rows * eb
  const address = arena.take(tileBytes(modes))
  const tile = openTile(arena.buffer, address, modes)
  const piece = openPiece(arena.take(pieceBytes(modes, width)), modes, width)
  const x = arena.take(stride * width)
  const [high, low, scale, counts, scratch, stack] = Array.from({ length: 6 }, () =>
    arena.take(16384)
  ) as [number, number, number, number, number, number]
  const header = openHeader(arena, arena.take(8192), {
    words: ['modes', 'samples', 'weight'] as const,
    lists: { mean: modes, energy: modes },
  })
  header.modes = modes
  const instance = { arena, header, options: { forget } } as unknown as CmdInstance
  const next = random(11)
  const columns = eb === 8 ? arena.f64(x, width * rows) : arena.f32(x, width * rows)
  for (let r = 0; r < rows; r++) arena.f32(high, rows)[r] = r % 17 === 0 ? 0 : 100 * next()
  arena.f32(low, rows).set(arena.f32(high, rows).map((value) => value * 1e-9))

  const steps = [[0, 1, 2, 3, 4, 5, 6, 7, 8], [2, 3, 7], [8], [0, 4, 5]]
  steps.forEach((sampled, step) => {
    for (let j = 0; j < width; j++) {
      for (let r = 0; r < rows; r++)
        columns[j * rows + r] = r % 17 === 0 ? 0 : next() * 10 ** (r % 5)
    }
    const track = (m: number): Float64Array =>
      Float64Array.from(sampled, (j) => Math.sin(1 + m + j + 10 * step))
    fillPiece(instance, piece, sampled, track)
    fillScale(instance, scale)
    arena.f64(scale, modes + 1)[1] = 0
    const moments = { x, stride, elementBytes: eb, high, low, piece, modes, tile: address }
    if (step < 2) k.cmd_moments_all({ ...moments, scratch })
    else k.cmd_moments_own(moments)
    if (step === 1) k.cmd_choose({ scale, modes, tile: address, scratch })
    if (step > 1) k.cmd_check({ scale, modes, tile: address })
  })
  // A factor that knows nothing of the moments: some rows take another runner-up, two have no mode yet.
  const kept = 7
  const b = arena.take(rows * eb * kept)
  const factor = eb === 8 ? arena.f64(b, rows * kept) : arena.f32(b, rows * kept)
  for (let i = 0; i < factor.length; i++) factor[i] = next() * Math.sqrt(tile.energy[i % rows]!)
  for (const row of [3, 4]) tile.mode[row] = tile.rival[row] = 255
  const references = arena.take(8 * kept * modes)
  for (let i = 0; i < kept * modes; i++) {
    arena.f64(references, kept * modes)[i] =
      next() * Math.sqrt(header.energy[Math.floor(i / kept)]!)
  }
  const rivals = tile.rival.slice()
  const proposed = { b, elementBytes: eb, kept, references }
  k.cmd_propose({ ...proposed, scale, modes, tile: address, scratch })
  const replaced = tile.rival.filter((rival, row) => rival !== rivals[row]).length
  tile.cross[5] = 1e9
  const sums = { from: 0, stack, depth: 0 }
  const limit = 1 + 1e-6
  const depth = k.cmd_measure({ tile: address, scale, modes, limit, counts, index: 0, sums })
  assert.is(depth, 1)
  return {
    mode: tile.mode.slice(),
    mean: tile.mean.slice(),
    energy: tile.energy.slice(),
    cross: tile.cross.slice(),
    rival: tile.rival.slice(),
    rivalCross: tile.rivalCross.slice(),
    led: tile.led.slice(),
    exchanges: tile.exchanges[0]!,
    replaced,
    sums: arena.f64(stack, 4 + modes).slice(),
    counts: arena.u32(counts, modes + 2).slice(),
    clock: Math.max(...header.energy),
  }
}

/** Every value within `tolerance` of its expectation, relative to `scale`. */
function close(
  actual: Float64Array,
  expected: Float64Array,
  scale: Float64Array,
  tolerance: number,
  name: string
): void {
  actual.forEach((value, i) => {
    const error = Math.abs(value - expected[i]!)
    assert.ok(error <= tolerance * scale[i]!, `${name} ${i}: ${value}, expected ${expected[i]}`)
  })
}

for (const eb of [4, 8] as const) {
  for (const [modes, forget] of [
    [1, 1],
    [2, 0.9],
    [10, 1],
    [255, 0.9],
  ] as const) {
    kernels(
      `the reference agrees on columns of ${eb} bytes with ${modes} modes, forget ${forget}`,
      () => {
        const wasm = life('base', eb, modes, forget)
        const reference = life('js', eb, modes, forget)
        assert.equal(wasm.mode, reference.mode)
        assert.equal(wasm.rival, reference.rival)
        assert.equal(wasm.led, reference.led)
        assert.is(wasm.exchanges, reference.exchanges)
        assert.is(wasm.replaced, reference.replaced)
        if (modes === 10) assert.ok(reference.exchanges > 0 && reference.replaced > 20)
        close(wasm.mean, reference.mean, reference.mean.map(Math.abs), 1e-13, 'mean')
        close(wasm.energy, reference.energy, reference.energy, 1e-13, 'E')
        // While all references are candidates C is kept in f32, whose rounding may fall to either side.
        const scale = reference.energy.map((energy) => Math.sqrt(energy * reference.clock))
        close(wasm.cross, reference.cross, scale, 2 ** -23, 'C')
        close(wasm.rivalCross, reference.rivalCross, scale, 2 ** -23, 'C of the runner-up')
        const size = reference.sums.map((value, i) => Math.max(Math.abs(value), i > 3 ? 1 : 0))
        close(wasm.sums, reference.sums, size, 1e-6, 'sums')
        assert.is(wasm.sums[0], reference.mode[5] === 255 ? 0 : 1, 'one correlation is wrong')
      }
    )
  }
}

kernels('strict and relaxed builds give the same bits', () => {
  let relaxed: ReturnType<typeof life>
  try {
    relaxed = life('relaxed', 4, 10)
  } catch (error) {
    if (error instanceof WebAssembly.CompileError) return
    throw error
  }
  assert.equal(relaxed, life('base', 4, 10))
})

kernels('rows that never moved have E = 0 exactly and no mode', () => {
  const { energy, mode, counts } = life('base', 4, 10)
  for (let r = 0; r < rows; r += 17) {
    assert.is(energy[r], 0)
    assert.is(mode[r], 255)
  }
  assert.is(counts[11], Math.ceil(rows / 17))
  assert.is(mode.indexOf(1), -1, 'a reference that stands still is never chosen')
})

kernels.run()
