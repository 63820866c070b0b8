import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { analyseRecording } from '../harness.ts'
import { correlations, follow, gaussian, leastSquares, probe, tracked, walk } from './walks.ts'

interface Track {
  modes: { size: number; reference: { index: number } }[]
  explained: number
  meanAbsCorrelation: number
  reassigned: number
  constants: number
  window: [number, number]
}
const trackOf = (summary: { values: unknown } | undefined): Track =>
  summary!.values as unknown as Track

const drift = suite('modes that drift')

/** Two clocks that jump at random; weights of `turning` go over from one to the other after half of 240 steps. */
function turning(rows: number, turns: (i: number) => boolean, mix = 1) {
  const normal = gaussian(31)
  const clocks = [0, 1].map(() => Float64Array.from({ length: 241 }, () => normal()))
  const recorded = follow(240, rows, (i, t) => {
    const k = (i % 2) ^ Number(t > 120 && turns(i))
    return mix * clocks[k]![t]! + (1 - mix) * clocks[1 - k]![t]! + 0.1 * normal()
  })
  return recorded
}

for (const forget of [1, 0.97]) {
  drift(`follow weights that go over to another reference, forget ${forget}`, () => {
    const { deltas } = turning(400, (i) => i % 10 > 6)
    const { stage, fit } = probe({ modes: 2, samples: 100, seed: 2, forget })
    const { summaries } = analyseRecording({ deltas: [deltas] }, stage, { emit: { every: 1 } })
    const last = trackOf(summaries.at(-1))
    const references = last.modes.map(({ reference }) => reference.index)
    assert.ok(references.every((index) => index % 10 <= 6))
    fit().mode.forEach((mode, i) => {
      const clock = (i % 2) ^ Number(i % 10 > 6)
      assert.is(references[mode]! % 2, clock, `weight ${i}`)
    })
    assert.is(last.reassigned, 120)
    // What is not forgotten outweighs the new reference for as long as it lasted.
    const at = (step: number): Track => trackOf(summaries.find((summary) => summary.step === step))
    assert.is(at(128).reassigned, 0)
    assert.is(at(176).reassigned, forget < 1 ? 120 : 0)
    assert.ok(forget < 1 === last.explained > 0.95, `${last.explained}`)
  })
}

drift('stay where two references are level', () => {
  const { deltas } = turning(400, () => false, 0.5)
  const stage = cmd({ modes: 2, samples: 100, forget: 0.9 })
  const { summaries } = analyseRecording({ deltas: [deltas] }, stage)
  assert.is(trackOf(summaries.at(-1)).reassigned, 0)
})

for (const block of [16, 5]) {
  drift(`are those of a weighted batch fit, forget .95, block ${block}`, () => {
    const rows = 300
    const forget = 0.95
    const weights = Float32Array.from({ length: rows }, (_, i) => i / 10)
    const { deltas, positions } = walk(160, rows, 18)
    const { stage, fit } = probe({ modes: 6, samples: 150, warmup: 21, choose: 33, forget })
    const recording = { deltas: [deltas], anchors: [weights] }
    const track = trackOf(analyseRecording(recording, stage, { block }).summaries.at(-1))
    assert.equal(track.window, [22, 160])
    const references = track.modes.map(({ reference }) => reference.index)
    const window = positions.slice(21)
    const ends = Array.from({ length: 160 / block }, (_, k) => (k + 1) * block - 21)
    const checks = ends.filter((columns) => columns > 33)
    const { mode, a, b } = fit()
    let [residual, energy, total, changed] = [0, 0, 0, 0]
    for (let i = 0; i < rows; i++) {
      const own = tracked(window, i, references, 33, checks, forget)
      assert.is(mode[i]!, own.mode, `mode of weight ${i}`)
      changed += own.changes
      const reference = references[own.mode]!
      const batch = leastSquares(window, i, reference, weights, forget)
      assert.ok(Math.abs(a[i]! - batch.a) <= 1e-6 * Math.max(1, Math.abs(batch.a)), `a of ${i}`)
      assert.ok(Math.abs(b[i]! - batch.b) <= 1e-5 * Math.max(1, Math.abs(batch.b)), `b of ${i}`)
      residual += batch.residual
      energy += batch.energy
      total += correlations(window, i, [reference], forget)[0]!
    }
    assert.is(track.reassigned, changed)
    assert.ok(changed > 0)
    assert.ok(Math.abs(track.explained - (1 - residual / energy)) < 1e-6)
    assert.ok(Math.abs(track.meanAbsCorrelation - total / rows) < 1e-6)
  })
}

drift('are forgotten to the last: weights that stop become constant, and move again', () => {
  const { deltas } = walk(1600, 40, 3)
  deltas.forEach((own, t) => {
    if (t >= 64 && t < 1536) own.fill(0, 0, 20)
  })
  const stage = cmd({ modes: 3, forget: 0.5, warmup: 16, choose: 16 })
  const { summaries, error } = analyseRecording({ deltas: [deltas] }, stage, { emit: { every: 1 } })
  assert.is(error, undefined)
  const at = (step: number): Track => trackOf(summaries.find((summary) => summary.step === step))
  assert.is(at(64).constants, 0)
  assert.is(at(1536).constants, 20)
  assert.is(at(1600).constants, 0)
})

drift('are forgotten to the last: a reference that stops leaves no slope', () => {
  const { deltas } = walk(1536, 40, 3)
  for (const own of deltas.slice(64)) own.fill(0)
  const { stage, fit } = probe({ modes: 3, forget: 0.5, warmup: 16, choose: 16 })
  const { error } = analyseRecording({ deltas: [deltas] }, stage)
  assert.is(error, undefined)
  const { a, b } = fit()
  assert.ok(a.every((slope) => slope === 0))
  assert.ok(b.every(Number.isFinite))
})

drift('are equal to the bit for any number of shards', () => {
  const { deltas } = turning(2100, (i) => i % 10 > 6)
  const run = (shards: number) => {
    const { stage, fit } = probe({ modes: 2, samples: 100, seed: 5, forget: 0.97 })
    const { summaries } = analyseRecording({ deltas: [deltas] }, stage, { shards })
    return { summaries, fit: fit() }
  }
  const whole = run(1)
  assert.ok(trackOf(whole.summaries.at(-1)).reassigned > 500)
  for (const shards of [2, 3, 4, 8]) assert.equal(run(shards), whole, `${shards} shards`)
})

drift.run()
