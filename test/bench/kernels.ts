// Each kernel against the ceiling of what it is bound by, measured in the same run.
import { engineKernels } from '../../src/engine/kernels.gen.ts'
import { Arena } from '../../src/kernels/arena.ts'
import { tileRows } from '../../src/stage/scope.ts'
import { cmdKernels } from '../../src/stages/cmd/kernels.gen.ts'
import { openTile, tileBytes } from '../../src/stages/cmd/state.ts'
import { healthKernels } from '../../src/stages/health/kernels.gen.ts'
import { svdKernels } from '../../src/stages/svd/kernels.gen.ts'
import { random } from '../engine/frames.ts'
import { type Ceiling, peaks, plainCopy } from './ceilings.ts'
import { table, takeTurns } from './timing.ts'

const rows = 1 << 19
const tiles = rows / tileRows
/** Bytes of a tile's rows in f32. */
const tileBytes32 = tileRows * 4
/** Of the dense kernels, so that a turn of theirs ends before other work interrupts it. */
const few = 64
const block = 16
const columns = 32
const modes = 10
/** Columns of cmd's factor. */
const narrow = 8
/** Rows of a sketch, and of the null's sample. */
const folded = 1 << 16
const stride = rows * 4 + 1088

interface Case extends Ceiling {
  readonly name: string
  readonly bound: 'f32' | 'f64' | 'copy'
}

/** All kernels of one build on memory of their own, filled with noise. */
function casesOf(kind: 'base' | 'relaxed'): Case[] {
  const arena = new Arena(
    rows * (4 * (block + columns) + 40) + tiles * tileBytes(narrow) + (8 << 20),
    kind
  )
  const x = arena.take(stride * block)
  const b = arena.take(rows * 4 * columns)
  const next = random(1)
  for (const view of [arena.f32(x, (stride * block) / 4), arena.f32(b, rows * columns)]) {
    for (let i = 0; i < view.length; i++) view[i] = next()
  }
  const [high, low, moved] = [arena.take(rows * 4), arena.take(rows * 4), arena.take(rows)]
  const [state, energy] = [arena.take(tiles * tileBytes(narrow)), arena.take(rows * 8)]
  const [stack, panel] = [arena.take(4 << 20), arena.take(1 << 20)]
  const m = {
    b,
    storageBytes: 4,
    room: columns,
    l: columns,
    x,
    stride,
    elementBytes: 4,
    n: block,
    mean: 0,
    high,
    low,
    u: 0,
  }
  const sums = { from: 0, stack, depth: 0 }
  const size = columns + block
  const fewer = size * (size + 1) - columns * (columns + 1)
  const [svd, cmd] = [arena.kernels(svdKernels), arena.kernels(cmdKernels)]
  const [health, engine] = [arena.kernels(healthKernels), arena.kernels(engineKernels)]
  for (let t = 0; t < few; t++) {
    const { energy: squares, factor } = openTile(
      arena.buffer,
      state + t * tileBytes(narrow),
      narrow
    )
    squares.fill(1)
    factor.set(arena.f32(b, factor.length))
  }
  const [roots, found] = [arena.take(8 * block), arena.take(64 * modes)]
  arena.f64(roots, block).fill(1)
  const looked = { count: block, taken: block, roots, kappa: 0.01, fade: 1, fresh: false }
  const identity = arena.take(8 * size * columns)
  for (let i = 0; i < columns; i++) arena.f64(identity, size * columns)[i * columns + i] = 1
  const identity32 = arena.take(4 * size * columns)
  for (let i = 0; i < columns; i++) arena.f32(identity32, size * columns)[i * columns + i] = 1
  const [plan, zeros] = [arena.take(4 * size), arena.take(8 * block * columns)]
  arena.u32(plan, size).forEach((_, i, all) => {
    all[i] = i
  })
  const work = panel + 65536
  const frame = new Uint8Array(rows * 4).fill(60)
  const fewTiles = { first: state, length: few, pitch: tileBytes(narrow) }
  const moving = {
    tiles: fewTiles,
    kept: narrow,
    columns: { x, stride, elementBytes: 4, high, low },
    looked: { ...looked, fraction: 0.01 },
    panel: work,
  }
  return [
    {
      name: 'svd: Gram matrix',
      bound: 'f64',
      work: few * tileRows * size * (size + 1),
      run: () => void svd.svd_gram({ m, known: 0, tiles: few, index: 0, sums, panel: work }),
    },
    {
      name: 'svd: Gram matrix, factor known',
      bound: 'f64',
      work: few * tileRows * fewer,
      run: () => void svd.svd_gram({ m, known: columns, tiles: few, index: 0, sums, panel: work }),
    },
    {
      name: 'svd: rotation',
      bound: 'f64',
      work: 2 * few * tileRows * size * columns,
      run: () =>
        svd.svd_rotate({
          m,
          tiles: few,
          r: identity,
          kept: columns,
          panel: work,
          out: b,
          outRoom: columns,
        }),
    },
    {
      name: 'svd: elimination',
      bound: 'f64',
      work: 2 * few * tileRows * block * columns,
      run: () =>
        svd.svd_eliminate({
          m,
          tiles: few,
          plan,
          kept: columns,
          rest: block,
          c: zeros,
          panel: work,
        }),
    },
    {
      name: 'svd: Gram matrix, single',
      bound: 'f32',
      work: few * tileRows * size * (size + 1),
      run: () => void svd.svd_gram_single({ m, known: 0, tiles: few, index: 0, sums, panel: work }),
    },
    {
      name: 'svd: Gram matrix, factor known, single',
      bound: 'f32',
      work: few * tileRows * fewer,
      run: () =>
        void svd.svd_gram_single({ m, known: columns, tiles: few, index: 0, sums, panel: work }),
    },
    {
      name: 'svd: rotation, single',
      bound: 'f32',
      work: 2 * few * tileRows * size * columns,
      run: () =>
        svd.svd_rotate_single({ m, tiles: few, r: identity32, kept: columns, panel: work }),
    },
    {
      name: 'svd: elimination, single',
      bound: 'f32',
      work: 2 * few * tileRows * block * columns,
      run: () =>
        svd.svd_eliminate_single({
          m,
          tiles: few,
          plan,
          kept: columns,
          rest: block,
          c: zeros,
          panel: work,
        }),
    },
    {
      name: 'cmd: Gram matrix',
      bound: 'f32',
      work: few * tileRows * (narrow + block) * (narrow + block + 1),
      run: () => void cmd.cmd_gram({ ...moving, index: 0, sums }),
    },
    {
      name: 'cmd: rotation',
      bound: 'f32',
      work: 2 * few * tileRows * (narrow + block) * narrow,
      run: () => cmd.cmd_turn({ ...moving, r: identity32, turned: narrow, moved }),
    },
    {
      name: 'cmd: a mode for every weight',
      bound: 'f32',
      work: 2 * few * tileRows * narrow * modes,
      run: () => {
        const values = { tiles: fewTiles, kept: narrow, references: b, modes, counts: found }
        cmd.cmd_assign({ ...values, index: 0, sums, scratch: work })
      },
    },
    {
      name: 'health: norms',
      bound: 'copy',
      work: rows * (4 * block + 8),
      run: () =>
        void health.health_norms({
          x,
          stride,
          count: block,
          elementBytes: 4,
          weights: 0,
          high,
          low,
          moved,
          keep: false,
          tiles,
          index: 0,
          sums,
          scratch: work,
        }),
    },
    {
      name: 'engine: payload into column',
      bound: 'copy',
      work: block * rows * 8,
      run: () => {
        for (let j = 0; j < block; j++) {
          arena.u8(x + j * stride, rows * 4).set(frame)
          engine.count_unusable_f32({ p: x + j * stride, n: rows })
        }
      },
    },
    {
      name: 'engine: folding into a sketch',
      bound: 'copy',
      work: block * rows * 4,
      run: () => {
        for (let j = 0; j < block; j++) {
          for (let at = 0; at < rows; at += folded) {
            const from = x + j * stride + 4 * at
            const place = { target: b, run: at / 128, at: 0, seed: j }
            engine.fold({ x: from, elementBytes: 4, n: folded, ...place })
          }
        }
      },
    },
    {
      name: 'engine: positions',
      bound: 'copy',
      work: rows * (4 * block + 16),
      run: () =>
        engine.advance_positions({ high, low, x, stride, count: block, n: rows, elementBytes: 4 }),
    },
    {
      name: 'engine: null walk, 65536 rows',
      bound: 'copy',
      work: folded * (8 * block + 16),
      run: () => {
        for (let t = 0; t < folded / tileRows; t++) {
          engine.null_tile({
            x: x + tileBytes32 * t,
            stride,
            count: block,
            elementBytes: 4,
            energy: energy + tileRows * 8 * t,
            commit: true,
            out: b + tileBytes32 * t,
            outStride: stride,
            seed: 1,
            tile: t,
            step: 0,
            slot: work,
          })
        }
      },
    },
  ]
}

/** The table of all kernels, in both builds where the runtime has relaxed SIMD. */
export async function kernelTable(
  builds: readonly ('base' | 'relaxed')[],
  rounds: number
): Promise<string> {
  const lines = [['kernel', 'build', 'ns per row and delta', 'rate', 'ceiling', 'of it']]
  for (const build of builds) {
    const ceilings: Record<Case['bound'], Ceiling> = { ...(await peaks(build)), copy: plainCopy() }
    // `strict`, which is what the base build is for, forms no products in f32.
    const cases = casesOf(build).filter(({ bound }) => build === 'relaxed' || bound !== 'f32')
    const times = takeTurns(
      [...Object.entries(ceilings).map(([name, { run }]) => ({ name, run })), ...cases],
      rounds
    )
    for (const { name, bound, work } of cases) {
      const unit = bound === 'copy' ? 'GB/s' : 'GF/s'
      const rate = work / times.get(name)! / 1e9
      const ceiling = ceilings[bound].work / times.get(bound)! / 1e9
      const count =
        (/^(svd|cmd)/.test(name) ? few * tileRows : name.includes('65536') ? folded : rows) * block
      lines.push([
        name,
        build,
        ((times.get(name)! * 1e9) / count).toFixed(2),
        `${rate.toFixed(1)} ${unit}`,
        `${ceiling.toFixed(1)} ${unit}`,
        `${((100 * rate) / ceiling).toFixed(0)} %`,
      ])
    }
  }
  return table(lines)
}
