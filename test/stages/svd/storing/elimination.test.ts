import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, settingsOf } from '../../../../src/analyse.ts'
import { Run } from '../../../../src/engine/run/run.ts'
import { StateLoader } from '../../../../src/engine/state/load.ts'
import { saveState } from '../../../../src/engine/state/save.ts'
import { type AnalysedBlock, summaryLine } from '../../../../src/engine/summary.ts'
import { Arena, type KernelKind, kernelKind } from '../../../../src/kernels/arena.ts'
import { defineStage, type StageValue } from '../../../../src/stage/define.ts'
import { openHeader } from '../../../../src/stage/header.ts'
import { factorPort } from '../../../../src/stage/ports/factor.ts'
import { svd } from '../../../../src/stages/svd/index.ts'
import { openSmall, smallWork } from '../../../../src/stages/svd/small.ts'
import { stateShape } from '../../../../src/stages/svd/state.ts'
import { elimination } from '../../../../src/stages/svd/storing/eliminate.ts'
import type { Frame, OpenFrame } from '../../../../src/wire/frame.ts'
import { random } from '../../../engine/frames.ts'
import { framesOf } from '../../harness.ts'
import { decompose, near } from '../decompose.ts'
import { orthonormal, walshSpectrum } from '../spectra.ts'

const eliminated = suite('storing by elimination')
const where = (mode: 'strict' | 'fast') =>
  mode === 'strict' || kernelKind('fast') === 'relaxed' ? eliminated : eliminated.skip

/** Enough rows for the small work to pay. */
const rows = 8192
const options = { rank: 16, columns: 32, walks: false }
const block = 4
const spectra = {
  'a power law': (i: number) => 1 / (i + 1),
  'geometric .9': (i: number) => 0.9 ** i,
}
const sigmaOf = (of: (i: number) => number): number[] => Array.from({ length: 64 }, (_, i) => of(i))

const geometric = (): Frame[] =>
  framesOf({ deltas: [walshSpectrum(rows, 64, sigmaOf(spectra['geometric .9']))] })

/** `size` x `count`: columns of an orthogonal matrix, the first rows turned and shrunk as W does it. */
function weights(size: number, count: number, seed: number): Float64Array {
  const columns = orthonormal(size, count, seed)
  return Float64Array.from({ length: size * count }, (_, at) => {
    const i = Math.floor(at / count)
    return columns[at % count]![i]! * (i < count ? 0.5 + i / (2 * count) : 1)
  })
}

/** Small matrices of at most 48 rows, in a memory of their own. */
function smallIn(kind: KernelKind) {
  const arena = new Arena(smallWork(48) + 64, kind)
  return openSmall(arena, arena.take(smallWork(48)))
}
const small = smallIn('base')

eliminated('pivots make the other rows small multiples of those chosen, each at its place', () => {
  for (const [size, count] of [
    [12, 8],
    [48, 32],
    [9, 9],
  ] as const) {
    const v = weights(size, count, size)
    const { chosen, rest, coefficients, inverse } = small.choose(v, size, count)!
    assert.equal(smallIn('js').choose(v, size, count), { chosen, rest, coefficients, inverse })
    assert.equal(
      [...chosen, ...rest].sort((a, b) => a - b),
      Array.from({ length: size }, (_, i) => i)
    )
    assert.ok(chosen.every((row, j) => row === j || row >= count))
    assert.ok(coefficients.every((c) => Math.abs(c) <= 1.5))
    const product = (left: Float64Array, at: number, j: number): number =>
      chosen.reduce((sum, row, k) => sum + left[at * count + k]! * v[row * count + j]!, 0)
    for (let j = 0; j < count; j++) {
      rest.forEach((row, i) => {
        assert.ok(Math.abs(product(coefficients, i, j) - v[row * count + j]!) < 1e-13)
      })
      for (let i = 0; i < count; i++) {
        assert.ok(Math.abs(product(inverse, i, j) - Number(i === j)) < 1e-13)
      }
    }
  }
  assert.is(small.choose(new Float64Array(6).fill(1), 3, 2), undefined)
})

for (const single of [false, true]) {
  eliminated(`rounds by no more than it says, in ${single ? 'f32' : 'f64'}`, () => {
    const [size, count, length] = [12, 8, 300]
    const next = random(5)
    for (let seed = 1; seed <= 20; seed++) {
      const v = weights(size, count, seed)
      const m = Array.from({ length: size }, (_, j) =>
        Float32Array.from({ length }, () => next() * 10 ** (-j / 4))
      )
      const norms = Float64Array.from(m, (column) => Math.hypot(...column))
      const turned = (j: number, r: number): number =>
        m.reduce((sum, column, i) => sum + column[r]! * v[i * count + j]!, 0)
      // The turned columns' products are not diagonal here: all that they may differ by from their squares is `error`.
      const squares = Float64Array.from({ length: count }, (_, j) => {
        let sum = 0
        for (let r = 0; r < length; r++) sum += turned(j, r) ** 2
        return sum
      })
      const error = squares.reduce((sum, square) => sum + square, 0)
      const limits = { rows: length, columns: count, storageBytes: 4, single } as const
      const found = elimination(v, norms, squares, error, count, limits, small)!
      const { chosen, rest, coefficients, basis } = found
      const cast = single ? Math.fround : (value: number): number => value
      let off = 0
      const lengths = new Float64Array(count)
      for (let r = 0; r < length; r++) {
        const stored = Float32Array.from(chosen, (from, j) => {
          let sum = m[from]![r]!
          rest.forEach((other, i) => {
            const product = cast(m[other]![r]! * cast(coefficients[i * count + j]!))
            sum = cast(sum + product)
          })
          return sum
        })
        for (let j = 0; j < count; j++) {
          const made = stored.reduce((sum, value, k) => sum + value * basis[k * count + j]!, 0)
          off += (made - turned(j, r)) ** 2
          lengths[j]! += stored[j]! ** 2
        }
      }
      assert.ok(Math.sqrt(off) <= found.rounded, `seed ${seed}: ${Math.sqrt(off)}`)
      lengths.forEach((square, j) => {
        assert.ok(square <= found.squares[j]!, `seed ${seed}, column ${j}`)
      })
    }
  })
}

/** A run over all frames but the last, and how many blocks it has eliminated since it last turned its columns. */
function runOf(frames: readonly Frame[], stages: StageValue[], more: AnalyseOptions, cut?: number) {
  const [open, ...rest] = frames as [OpenFrame, ...Exclude<Frame, OpenFrame>[]]
  const blocks: AnalysedBlock[] = []
  const emit = (one: AnalysedBlock) => blocks.push(one)
  const settings = settingsOf({ block, ...more }, ...stages)
  let run = new Run(open, settings, emit)
  rest.slice(0, -1).forEach((frame, i) => {
    if (i === cut) {
      const loader = new StateLoader(settings, emit)
      for (const chunk of saveState(run)) loader.push(chunk.slice())
      run = loader.finish()
    }
    run.push(frame)
  })
  const [shard] = run.shards.here
  const header = openHeader(
    shard!.arena,
    shard!.address('svd/model/header'),
    stateShape(options.columns)
  )
  const since = header.eliminated
  run.end()
  const own = blocks.flatMap(({ summaries }) => summaries.filter(({ type }) => type === 'svd'))
  return { since, lines: own.map(summaryLine).join('\n') }
}

for (const mode of ['strict', 'fast'] as const) {
  for (const [name, of] of Object.entries(spectra)) {
    where(mode)(`keeps values and bounds, ${name}, ${mode}`, () => {
      const sigma = sigmaOf(of)
      const columns = walshSpectrum(rows, 128, sigma)
      const { since } = runOf(framesOf({ deltas: [columns] }), [svd(options)], { mode })
      assert.ok(since > 0, 'the last block was turned')
      for (const forget of [1, 0.98]) {
        const own = decompose(columns, { ...options, forget }, { block, mode })
        const exact = decompose(columns, { ...options, forget, storage: 'f64' }, { block })
        own.singularValues.forEach((value, i) => {
          near(value, exact.singularValues[i]!, 2e-6, `value ${i}`)
          if (forget === 1) assert.ok(own.upperBounds[i]! >= sigma[i]!, `bound ${i}`)
        })
        near(own.captured, exact.captured, 1e-6, 'captured')
      }
    })
  }

  where(mode)(`gives the same bits in shards and after it was saved, ${mode}`, () => {
    const frames = geometric()
    const run = (shards: number, cut?: number) =>
      runOf(frames, [svd(options)], { mode, shards }, cut)
    const whole = run(1)
    assert.ok(whole.since > 0)
    assert.ok(run(3).lines === whole.lines, 'three shards')
    for (const cut of [41, 48]) assert.ok(run(1, cut).lines === whole.lines, `saved at ${cut}`)
  })
}

eliminated('never stores anything but directions where a later stage reads them', () => {
  const reader = defineStage({
    type: 'reader',
    summary: 'Reads directions.',
    asks: '',
    options: {},
    figures: {},
    says: () => [],
    reads: { factor: factorPort },
    plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
    start: () => ({
      // biome-ignore lint/correctness/useYield: it adds nothing over rows.
      *step() {
        return { values: {} }
      },
    }),
  })
  const frames = geometric()
  assert.is(runOf(frames, [svd(options), reader({ on: 'svd' })], {}).since, 0)
})

eliminated.run()
