import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import { analyseRecording } from '../harness.ts'
import { follow, gaussian, probe, walk } from './walks.ts'

const valuesOf = (summary: { values: unknown } | undefined): CmdValues =>
  summary!.values as unknown as CmdValues

const drift = suite('modes that drift')

/** Two clocks that jump at random; weights of `turning` go over from one to the other after half of 240 steps. */
function turning(rows: number, turns: (i: number) => boolean) {
  const normal = gaussian(31)
  const clocks = [0, 1].map(() => Float64Array.from({ length: 241 }, () => normal()))
  return follow(240, rows, (i, t) => {
    const k = (i % 2) ^ Number(t > 120 && turns(i))
    return clocks[k]![t]! + 0.1 * normal()
  })
}

drift('follow weights that go over to another reference, as far as the past is forgotten', () => {
  const turns = (i: number): boolean => i % 10 > 6
  const { deltas } = turning(400, turns)
  const run = (forget: number) => {
    const { stage, fit } = probe({ modes: 2, samples: 100, forget })
    const { summaries } = analyseRecording({ deltas: [deltas] }, stage, { emit: { every: 1 } })
    return { summaries: summaries.map(valuesOf), fit: fit() }
  }
  const recent = run(0.97)
  const last = recent.summaries.at(-1)!
  const references = last.modes!.map(({ reference }) => reference!.index)
  const clockOf = (i: number): number => (i % 2) ^ Number(turns(i))
  recent.fit.mode.forEach((mode, i) => {
    assert.is(clockOf(references[mode]!), clockOf(i), `weight ${i}`)
  })
  assert.ok(last.explained > 0.95, `${last.explained}`)
  assert.ok(last.reassigned >= 120, `${last.reassigned}`)
  // The first half of the run has nothing to reassign.
  const half = recent.summaries.findLast(({ window }) => window![1] <= 120)!
  assert.is(half.reassigned, 0)
  assert.ok(run(1).summaries.at(-1)!.explained < 0.9, 'all of the past counts')
})

drift('keep their places in the list from block to block', () => {
  const { deltas } = turning(400, () => false)
  const { summaries } = analyseRecording({ deltas: [deltas] }, cmd({ modes: 2 }), {
    emit: { every: 1 },
  })
  const sides = summaries.flatMap((summary) =>
    (valuesOf(summary).modes ?? []).slice(0, 1).map(({ reference }) => reference!.index % 2)
  )
  assert.ok(sides.length > 10)
  for (const side of sides) assert.is(side, sides[0])
  assert.is(valuesOf(summaries.at(-1)).reassigned, 0)
})

drift('are forgotten to the last: weights that stop become constant, and move again', () => {
  const { deltas } = walk(1600, 40, 3)
  deltas.forEach((own, t) => {
    if (t >= 64 && t < 1536) own.fill(0, 0, 20)
  })
  const stage = cmd({ modes: 3, forget: 0.5, warmup: 16 })
  const { summaries, error } = analyseRecording({ deltas: [deltas] }, stage, { emit: { every: 1 } })
  assert.is(error, undefined)
  const at = (step: number) => valuesOf(summaries.find((summary) => summary.step === step))
  assert.is(at(64).constants, 0)
  assert.is(at(1536).constants, 20)
  for (const { reference } of at(1536).modes!) assert.ok(reference!.index >= 20)
  assert.is(at(1600).constants, 0)
})

drift('are forgotten to the last: where all stop, there is no slope left', () => {
  const { deltas } = walk(1536, 40, 3)
  for (const own of deltas.slice(64)) own.fill(0)
  const { stage, fit } = probe({ modes: 3, forget: 0.5, warmup: 16 })
  const { summaries, error } = analyseRecording({ deltas: [deltas] }, stage)
  assert.is(error, undefined)
  const { constants, explained, why } = valuesOf(summaries.at(-1))
  assert.is(constants, 40)
  assert.ok(Number.isNaN(explained))
  assert.match(why!, 'no weight moves within what is remembered')
  const { a, b, mode } = fit()
  assert.ok(a.every((slope) => slope === 0))
  assert.ok(b.every(Number.isFinite))
  assert.ok(mode.every((own) => own === -1))
})

drift('are equal to the bit for any number of shards', () => {
  const { deltas } = turning(2100, (i) => i % 10 > 6)
  const run = (shards: number) => {
    const { stage, fit } = probe({ modes: 2, samples: 100, seed: 5, forget: 0.97 })
    const { summaries } = analyseRecording({ deltas: [deltas] }, stage, { shards })
    return { summaries, fit: fit() }
  }
  const whole = run(1)
  assert.ok(valuesOf(whole.summaries.at(-1)).reassigned > 500)
  for (const shards of [2, 3, 4, 8]) assert.equal(run(shards), whole, `${shards} shards`)
})

drift.run()
