import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import { analyseRecording } from '../harness.ts'
import {
  follow,
  gaussian,
  last,
  leastSquares,
  meanWeight,
  measured,
  probe,
  referencesOf,
  walk,
} from './walks.ts'

const modes = suite('correlation modes')

/** Five clocks that no affine map takes into each other. */
const clocks = [
  (t: number) => t / 60,
  (t: number) => Math.sin(t / 11 + 1) ** 3,
  (t: number) => Math.sin(t / 7),
  (t: number) => Math.cos(t / 3),
  (t: number) => (t % 29) / 29,
]
const deviations = clocks.map((clock) => {
  const values = Array.from({ length: 192 }, (_, t) => clock(t + 1))
  const mean = values.reduce((sum, v) => sum + v, 0) / 192
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / 192)
})

/** Weights α clock + β with noise that is a share of the clock's own deviation. */
function planted(rows: number, noise: number) {
  const normal = gaussian(5)
  const scale = Float64Array.from({ length: rows }, (_, i) => (i % 2 ? 1 : -1) * (0.5 + (i % 13)))
  const recorded = follow(192, rows, (i, t) => {
    const k = i % clocks.length
    return scale[i]! * (clocks[k]!(t) + (t > 0 ? noise * deviations[k]! * normal() : 0))
  })
  return { ...recorded, scale }
}

modes('planted as affine images of five clocks are all found at noise .05', () => {
  const { deltas } = planted(1500, 0.05)
  const { stage, fit } = probe({ modes: 5, samples: 200 })
  const { summaries } = analyseRecording({ deltas: [deltas] }, stage)
  const track = last(summaries)
  const clockOf = referencesOf(track).map((index) => index % 5)
  assert.equal([...clockOf].sort(), [0, 1, 2, 3, 4], 'a mode for each clock')
  fit().mode.forEach((mode, i) => {
    assert.is(clockOf[mode], i % 5, `weight ${i}`)
  })
  assert.equal(
    track.modes!.map(({ size }) => size),
    [300, 300, 300, 300, 300]
  )
  assert.ok(track.explained > 0.99, `${track.explained}`)
})

modes('planted slopes are found to 1e-3 where noise allows it', () => {
  const { deltas, scale } = planted(500, 0.002)
  const { stage, fit } = probe({ modes: 5, samples: 200 })
  const track = last(analyseRecording({ deltas: [deltas] }, stage).summaries)
  const references = referencesOf(track)
  const { mode, a } = fit()
  a.forEach((slope, i) => {
    const expected = scale[i]! / scale[references[mode[i]!]!]!
    assert.ok(Math.abs(slope / expected - 1) < 1e-3, `weight ${i}: ${slope}, planted ${expected}`)
  })
})

for (const [block, forget] of [
  [16, 1],
  [5, 1],
  [16, 0.95],
] as const) {
  modes(`are those of a batch with the same references, block ${block}, forget ${forget}`, () => {
    const rows = 700
    const normal = gaussian(2)
    const weights = Float32Array.from({ length: rows }, () => 30 * normal())
    const { deltas, positions } = walk(160, rows, 8)
    const { stage, fit } = probe({ modes: 6, samples: 150, forget })
    const recording = { deltas: [deltas], anchors: [weights] }
    const track = last(analyseRecording(recording, stage, { block }).summaries)
    assert.equal(track.window, [1, 160])
    assert.is(track.positions, 160)
    const references = referencesOf(track)
    const batch = measured(positions, references, forget)
    const off = track.explained - batch.explained
    assert.ok(off < 1e-3 && off > -4e-3, `explained is off by ${off}`)
    assert.ok(Math.abs(track.meanAbsCorrelation - batch.meanAbsCorrelation) < 4e-3)
    const shares = track.modes!.map((m) => (m.size * m.meanAbsCorrelation) / rows)
    const together = shares.reduce((sum, share) => sum + share, 0)
    assert.ok(Math.abs(together - track.meanAbsCorrelation) < 1e-6, 'means of modes make the mean')
    const { mode, a, b } = fit()
    const same = mode.filter((own, i) => own === batch.modes[i]).length
    assert.ok(same > 0.9 * rows, `${same} modes are the same`)
    const mean = (i: number): number => meanWeight(positions, i, weights, forget)
    const errors = mode.map((own, i) => {
      const exact = leastSquares(positions, i, references[own]!, weights, forget)
      const scale = Math.sqrt(exact.energy / (exact.energy - exact.residual)) * Math.abs(exact.a)
      const through = a[i]! * mean(references[own]!) + b[i]!
      assert.ok(Math.abs(through - mean(i)) < 1e-9 * 100, `the fit of ${i} goes through the means`)
      return Math.abs(a[i]! - exact.a) / scale
    })
    errors.sort((p, q) => p - q)
    assert.ok(errors[rows / 2]! < 0.02, `|corr| is off by ${errors[rows / 2]} in the median`)
    assert.ok(errors.at(-1)! < 0.2, `|corr| is off by ${errors.at(-1)} at most`)
  })
}

modes('explain what a batch explains that can choose among all weights', () => {
  // Six rows of which each explains itself and its likes: the best six of 40 are found by trying all.
  const normal = gaussian(17)
  const shared = Array.from({ length: 3 }, () => Float64Array.from({ length: 65 }, () => normal()))
  const { deltas, positions } = follow(
    64,
    12,
    (i, t) => shared[i % 3]![t]! + 0.8 * normal() * (1 + i)
  )
  const track = last(
    analyseRecording({ deltas: [deltas] }, cmd({ modes: 3, columns: 12 })).summaries
  )
  const sums = [0, 0]
  for (let a = 0; a < 12; a++) {
    for (let b = a + 1; b < 12; b++) {
      for (let c = b + 1; c < 12; c++) {
        const { explained } = measured(positions, [a, b, c])
        if (explained > sums[0]!) sums[0] = explained
        sums[1]! += explained / 220
      }
    }
  }
  const [best, mean] = sums as [number, number]
  assert.ok(
    track.explained > best - 0.1 * (best - mean),
    `${track.explained} of ${best}, mean ${mean}`
  )
})

modes('far from where they began are measured as well: |mean| 5000 times the deviation', () => {
  const normal = gaussian(4)
  const shared = Float64Array.from({ length: 401 }, () => normal())
  const rows = 300
  const { deltas, positions } = follow(400, rows, (i, t) => {
    if (t < 10) return (i % 5) + t
    return 1 + (i % 5) + 2e-4 * ((1 + (i % 3)) * shared[t]! + 0.3 * normal())
  })
  const weights = Float32Array.from({ length: rows }, (_, i) => 1 + i / 7)
  const { stage, fit } = probe({ modes: 2, samples: 100 })
  const recording = { deltas: [deltas], anchors: [weights] }
  const track = last(analyseRecording(recording, stage, { select: { from: 20 } }).summaries)
  const references = referencesOf(track)
  const window = positions.slice(19)
  const { mode, a } = fit()
  for (let i = 0; i < rows; i++) {
    const batch = leastSquares(window, i, references[mode[i]!]!, weights)
    assert.ok(Math.abs(a[i]! / batch.a - 1) < 0.02, `a of ${i}: ${a[i]}, in batch ${batch.a}`)
  }
  const { explained } = measured(window, references)
  assert.ok(Math.abs(track.explained - explained) < 1e-3, `${track.explained}, ${explained}`)
})

/** Weights of these sizes along three clocks, with noise of half of that. */
function sized(size: (i: number) => number, rows = 240) {
  const normal = gaussian(23)
  const walks = Array.from({ length: 3 }, () => {
    let at = 0
    return Float64Array.from({ length: 97 }, () => {
      at += normal()
      return at
    })
  })
  const moves = Array.from({ length: 96 }, (_, t) =>
    Float64Array.from({ length: rows }, (_, i) => {
      const clock = walks[i % 3]!
      return size(i) * (clock[t + 1]! - clock[t]! + 0.5 * normal())
    })
  )
  return moves.map((own) => Float32Array.from(own))
}

modes('have no scale: any power of two gives the same figures', () => {
  const run = (scale: number): CmdValues =>
    last(analyseRecording({ deltas: [sized(() => scale)] }, cmd({ modes: 3 })).summaries)
  const plain = run(2 ** -10)
  for (const scale of [2 ** -100, 2 ** -60, 2 ** 60, 2 ** 90]) {
    assert.equal(run(scale), plain, `${scale}`)
  }
})

modes('of all sizes from 1e-38 to 1e29 in one model each have their correlation', () => {
  const deltas = sized((i) => 10 ** (-38 + (67 * i) / 239))
  const { summaries, error } = analyseRecording({ deltas: [deltas] }, cmd({ modes: 3 }))
  assert.is(error, undefined)
  const values = last(summaries)
  assert.is(values.constants, 0)
  assert.is(values.unassigned, 0)
  const references = referencesOf(values)
  assert.equal(references.map((i) => i % 3).sort(), [0, 1, 2])
  const position = new Float64Array(240)
  const positions = deltas.map((own) => {
    own.forEach((value, i) => {
      position[i]! += value
    })
    return position.slice()
  })
  const off = values.meanAbsCorrelation - measured(positions, references).meanAbsCorrelation
  assert.ok(Math.abs(off) < 2e-3, `mean |correlation| is off by ${off}`)
})

modes('in a random walk are what they are in its null', () => {
  const { deltas } = walk(100, 2000, 21)
  const track = last(analyseRecording({ deltas: [deltas] }, cmd({ warmup: 100 })).summaries)
  // A batch as published has 0.73 and 0.766, at its own references.
  assert.ok(track.explained > 0.72 && track.explained < 0.78, `explained ${track.explained}`)
  assert.ok(Math.abs(track.meanAbsCorrelation - 0.78) < 0.02, `${track.meanAbsCorrelation}`)
  assert.ok(Math.abs(track.explained - track.explainedNull) < 0.03, `null ${track.explainedNull}`)
  assert.is(track.grouping, 'chance')
})

modes.run()
