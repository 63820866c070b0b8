import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import { analyseRecording } from '../harness.ts'
import { follow, last, probe, referencesOf, walk } from './walks.ts'

const modes = suite('correlation modes, by which weights there are')

modes('leave constant weights in a class of their own, and take in those that move later', () => {
  const { deltas } = walk(96, 400, 7)
  deltas.forEach((own, t) => {
    for (let i = 0; i < 400; i++) if (i % 4 === 0 && (i > 40 || t < 80)) own[i] = 0
  })
  const { stage, fit } = probe({ modes: 5, samples: 150 })
  const { summaries } = analyseRecording({ deltas: [deltas] }, stage)
  const early = summaries.find(({ step }) => step === 80)!.values as unknown as CmdValues
  const late = last(summaries)
  assert.is(early.constants, 100)
  assert.is(late.constants, 100 - 11)
  for (const { unassigned } of [early, late]) assert.is(unassigned, 0)
  assert.is(
    late.modes!.reduce((sum, { size }) => sum + size, 0),
    311
  )
  for (const index of referencesOf(late)) assert.ok(index % 4 !== 0 || index <= 40)
  const { mode, a } = fit()
  mode.forEach((own, i) => {
    assert.is(own === -1, i % 4 === 0 && i > 40)
    if (own === -1) assert.is(a[i], 0)
  })
})

modes('wait for the first weight to move', () => {
  const { deltas } = walk(100, 300, 7)
  for (const own of deltas.slice(0, 50)) own.fill(0)
  const { summaries } = analyseRecording({ deltas: [deltas] }, cmd())
  const values = summaries.map((summary) => summary.values as unknown as CmdValues)
  assert.is(values.find(({ modes: found }) => found)?.positions, 64)
  assert.equal(values.at(-1)!.window, [1, 100])

  const still = deltas.map(() => new Float32Array(300))
  const never = last(analyseRecording({ deltas: [still] }, cmd()).summaries)
  assert.is(never.modes, null)
  assert.match(never.why!, 'no weight has moved yet')
})

modes('of one weight is the weight itself', () => {
  const { deltas } = walk(64, 1, 2)
  const { stage, fit } = probe({})
  const track = last(analyseRecording({ deltas: [deltas], anchors: [[0.5]] }, stage).summaries)
  assert.is(track.modes!.length, 1)
  assert.is(track.modes![0]!.size, 1)
  assert.ok(Math.abs(track.explained - 1) < 1e-5)
  assert.ok(track.explainedError < 1e-6)
  const { a, b } = fit()
  assert.ok(Math.abs(a[0]! - 1) < 1e-5)
  assert.ok(Math.abs(b[0]!) < 1e-4)
})

modes('of fewer weights than modes: each weight its own', () => {
  const { deltas } = walk(64, 6, 2)
  const track = last(analyseRecording({ deltas: [deltas] }, cmd()).summaries)
  assert.equal(
    track.modes!.map(({ size }) => size),
    [1, 1, 1, 1, 1, 1]
  )
  assert.ok(Math.abs(track.explained - 1) < 1e-5)
})

modes('are no more than there are ways to move', () => {
  const { deltas } = follow(64, 50, (i, t) => (1 + i) * Math.sin((1 + (i % 2)) * t))
  const track = last(analyseRecording({ deltas: [deltas] }, cmd()).summaries)
  assert.equal(
    track.modes!.map(({ size }) => size),
    [25, 25]
  )
})

modes('are told apart by tensor as far as there are not too many', () => {
  const tensors = Array.from({ length: 300 }, (_, i) => ({ name: `t${i}`, rows: 3 }))
  const { deltas } = walk(64, 900, 13)
  const options = cmd({ samples: 100, modes: 4 })
  const many = last(analyseRecording({ deltas: [deltas], tensors }, options).summaries)
  const one = last(analyseRecording({ deltas: [deltas] }, options).summaries)
  assert.is(many.layers, undefined)
  assert.match(many.why!, '300 tensors')
  assert.is(one.layers!.rows.length, 1)
  for (const { modes: found, constants } of [many, one]) {
    assert.is(
      found!.reduce((sum, { size }) => sum + size, 0),
      900
    )
    assert.is(constants, 0)
  }
})

modes('are null, with the reason, until there are positions enough', () => {
  const { deltas } = walk(40, 300, 7)
  const { summaries } = analyseRecording({ deltas: [deltas] }, cmd(), { block: 8 })
  const seen = summaries.map(({ step, values }) => {
    const { modes: found, explained, why } = values as unknown as CmdValues
    return [step, found === null, Number.isNaN(explained), why]
  })
  const reason = 'modes are chosen from 20 positions on; there are '
  assert.equal(seen.slice(0, 3), [
    [8, true, true, `${reason}8`],
    [16, true, true, `${reason}16`],
    [24, false, false, undefined],
  ])
})

modes.run()
