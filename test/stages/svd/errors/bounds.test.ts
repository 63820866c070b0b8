import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { kernelKind } from '../../../../src/kernels/arena.ts'
import { random } from '../../../engine/frames.ts'
import { decompose, energyOf, type Figures, near, rounded } from '../decompose.ts'
import { singularValuesOf } from '../oracle.ts'
import { persistent, walshSpectrum, withSpectrum } from '../spectra.ts'

const bounds = suite('the bounds and estimates')

/**
 * Products in f32 leave cosines of up to 2^-24 σ_1² / (σ_i σ_j) between directions, of which those above 2^-12 σ_1 are
 * kept: the last ones' can be anything, and the figure says so.
 */
const modes = [
  { mode: 'strict', rounding: { energy: 1e-9, orthogonality: 1e-6 } },
  { mode: 'fast', rounding: { energy: 1e-7, orthogonality: 1 } },
] as const
const where = (mode: 'strict' | 'fast') =>
  mode === 'strict' || kernelKind('fast') === 'relaxed' ? bounds : bounds.skip

/** What the oracle may be wrong by, relative to the first value. */
const doubt = 1e-13

/** Truth is never above a bound, and never below a value by more than rounding. */
function hold(
  figures: Figures,
  truth: readonly number[],
  what: string,
  { rank = figures.singularValues.length, rounding = 2e-7 } = {}
): void {
  const first = truth[0] ?? 0
  figures.singularValues.forEach((value, i) => {
    const sigma = truth[i] ?? 0
    const bound = figures.upperBounds[i]!
    assert.ok(value <= sigma + rounding * first, `${what}, value ${i}: ${value} above ${sigma}`)
    assert.ok(bound >= sigma - doubt * first, `${what}, bound ${i}: ${bound} below ${sigma}`)
  })
  if (first === 0) return
  const missed = energyOf(truth.slice(rank))
  const least = Math.sqrt(missed / energyOf(truth))
  const { projectionErrorBound } = figures
  assert.ok(
    projectionErrorBound >= least - doubt,
    `${what}: ${projectionErrorBound} below ${least}`
  )
}

for (const { mode, rounding } of modes) {
  where(mode)(`hold over random spectra, scales, ranks and batchings, ${mode}`, () => {
    const next = random(11)
    const pick = (from: number, to: number): number =>
      from + Math.floor(((next() + 1) / 2) * (to - from + 1))
    for (let draw = 0; draw < 40; draw++) {
      const rows = pick(1, 400)
      const steps = pick(1, 70)
      const scale = 10 ** (next() * 30)
      const decay = 0.6 + 0.39 * ((next() + 1) / 2)
      const sigma = Array.from(
        { length: Math.min(rows, steps, pick(1, 60)) },
        (_, i) => scale * decay ** i
      )
      const columns = rounded(withSpectrum(rows, steps, sigma, draw + 1))
      if (draw % 3 === 0) columns.splice(pick(0, columns.length), 0, new Float32Array(rows))
      if (draw % 4 === 0) columns.push(columns[0]!.slice())
      const rank = pick(1, 12)
      const options = { rank, columns: rank + pick(0, 20) }
      const figures = decompose(columns, options, { block: pick(1, 20), mode })
      const truth = singularValuesOf(columns)
      hold(figures, truth, `draw ${draw}`)
      near(figures.energy, energyOf(truth), rounding.energy, `energy, draw ${draw}`)
      assert.ok(
        figures.orthogonality <= rounding.orthogonality,
        `orthogonality ${figures.orthogonality}, draw ${draw}`
      )
      assert.is(figures.singularValues.length, Math.min(rank, rows, columns.length))
    }
  })
}

bounds('hold in the reference mode, and where earlier steps are forgotten', () => {
  const sigma = Array.from({ length: 40 }, (_, i) => 0.7 ** i)
  const columns = withSpectrum(300, 64, sigma, 3)
  for (const [count, block] of [
    [4, 5],
    [12, 16],
    [40, 7],
  ] as const) {
    const options = { rank: 4, columns: count }
    const double = decompose(columns, { ...options, storage: 'f64' }, { block })
    hold(double, sigma, `f64, ${count} columns`, { rounding: 1e-13 })
    for (const forget of [0.99, 0.9]) {
      const scaled = rounded(columns).map((column, j) =>
        Float64Array.from(column, (x) => x * forget ** ((columns.length - 1 - j) / 2))
      )
      const figures = decompose(columns, { ...options, forget }, { block })
      hold(figures, singularValuesOf(scaled), `forget ${forget}, ${count} columns`)
    }
  }
})

for (const { mode } of modes) {
  where(mode)(`hold where every rounding goes the same way, ${mode}`, () => {
    // All rows are equal, so B's one column is too. Each step is chosen so that its new value lies just below the middle
    // between two f32 and is rounded down.
    const rows = 300
    let column = 1
    let energy = rows
    const steps = [1]
    for (let step = 0; step < 400; step++) {
      const target = column + 4.49 * 2 ** -23
      const next = Math.fround(Math.sqrt(target * target - column * column))
      steps.push(next)
      energy += rows * next * next
      column = Math.fround(Math.sqrt(column * column + next * next))
    }
    const columns = steps.map((value) => new Float32Array(rows).fill(value))
    const sigma = Math.sqrt(energy)
    const alone = decompose(columns, { rank: 1, columns: 1 }, { block: 1, mode })
    assert.ok(alone.upperBounds[0]! >= sigma, `${alone.upperBounds[0]} below ${sigma}`)
    // A second direction that is this small has products of the factor's columns formed in every block.
    const small = Float32Array.from({ length: rows }, (_, i) => 2 ** -12 * (-1) ** i)
    const figures = decompose([small, ...columns], { rank: 2, columns: 2 }, { block: 1, mode })
    assert.ok(figures.singularValues[0]! < sigma * (1 - 1e-5), 'the roundings add up')
    assert.ok(figures.upperBounds[0]! >= sigma, `${figures.upperBounds[0]} below ${sigma}`)
  })
}

bounds('are no looser than rounding where nothing was left out', () => {
  const sigma = Array.from({ length: 12 }, (_, i) => 0.5 ** i)
  const figures = decompose(walshSpectrum(1024, 64, sigma), { rank: 12, columns: 16 })
  figures.upperBounds.forEach((bound, i) => {
    assert.ok(bound - sigma[i]! <= 2e-6, `bound ${i}: ${bound} of ${sigma[i]}`)
  })
})

bounds('estimate errors within a factor of 5 in 95 of 100 cases, over spectra and momenta', () => {
  let within = 0
  let total = 0
  for (let draw = 0; draw < 24; draw++) {
    const columns = persistent(draw)
    const figures = decompose(
      columns,
      { rank: 8, columns: 16 },
      { block: [8, 16][Math.floor(draw / 8) % 2]! }
    )
    const truth = singularValuesOf(columns)
    figures.singularValues.forEach((value, i) => {
      const error = truth[i]! - value
      if (error < 1e-6 * truth[0]!) return
      total++
      const ratio = figures.estimatedErrors[i]! / error
      if (ratio > 0.2 && ratio < 5) within++
    })
  }
  assert.ok(total > 100 && within >= 0.95 * total, `${within} of ${total}`)
})

for (const [mode, storage, share] of [
  ['strict', 'f32', 0.8],
  ['fast', 'f32', 0.7],
  ['strict', 'f64', 0.95],
] as const) {
  where(mode)(
    `estimate rounding, ${storage}, ${mode}: none too low by five, most within five`,
    () => {
      const ratios: number[] = []
      for (const [draw, decay] of [0.5, 0.7, 0.85].entries()) {
        for (const rows of [300, 1500]) {
          const sigma = Array.from({ length: 30 }, (_, i) => decay ** i)
          const spectrum = withSpectrum(rows, 64, sigma, draw + 1)
          const columns = storage === 'f32' ? rounded(spectrum) : spectrum
          const truth = singularValuesOf(columns)
          const figures = decompose(
            columns,
            { rank: 12, columns: 32, storage },
            { block: 16, mode }
          )
          figures.singularValues.slice(0, figures.kept).forEach((value, i) => {
            const error = Math.abs(truth[i]! - value)
            // What truncation leaves out is the other test's, what the oracle rounds is nobody's.
            if (error > 1e-6 * truth[0]! || error < 1e-15 * truth[i]!) return
            ratios.push(figures.estimatedErrors[i]! / error)
          })
        }
      }
      const low = ratios.filter((ratio) => ratio < 0.2).length
      const within = ratios.filter((ratio) => ratio >= 0.2 && ratio < 5).length
      const what = `${low} too low, ${within} within five of ${ratios.length}`
      assert.ok(low <= 0.03 * ratios.length && within >= share * ratios.length, what)
    }
  )
}

bounds.run()
