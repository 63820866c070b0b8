import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import { anchor, bytes, close as closeFrame, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames, analyseRecording } from '../harness.ts'
import { jumping, last, measured, probe, referencesOf, walk } from './walks.ts'

const modes = suite('correlation modes, however their steps come')

modes('of a whole block and of a part of one are the same', () => {
  for (const [steps, block] of [
    [60, 48],
    [44, 64],
    [30, 20],
  ] as const) {
    const { deltas } = jumping(steps, 400, 9)
    const options = { modes: 4, samples: 100 }
    const run = (own: number) => {
      const { stage } = probe(options)
      return last(analyseRecording({ deltas: [deltas] }, stage, { block: own }).summaries)
    }
    const [peek, full] = [run(block), run(steps)]
    const sizes = ({ modes: found }: CmdValues) => found!.map(({ size }) => size)
    assert.equal(sizes(peek).sort(), sizes(full).sort())
    assert.equal(peek.window, full.window)
    assert.ok(
      Math.abs(peek.explained - full.explained) < 2e-3,
      `${peek.explained}, ${full.explained}`
    )
  }
})

modes('are the same however the steps are cut into blocks', () => {
  const { deltas } = jumping(192, 600, 3)
  const run = (block: number) => {
    const { stage, fit } = probe({ modes: 4, samples: 120 })
    const track = last(analyseRecording({ deltas: [deltas] }, stage, { block }).summaries)
    const clocksOf = referencesOf(track).map((index) => index % 4)
    return { track, clocks: fit().mode.map((mode) => clocksOf[mode]) }
  }
  const batch = run(192)
  for (const block of [1, 2, 12, 24, 64]) {
    const split = run(block)
    assert.equal(split.clocks, batch.clocks, `modes at block ${block}`)
    const error = split.track.explained - batch.track.explained
    assert.ok(Math.abs(error) < 3e-3, `explained at block ${block} is off by ${error}`)
  }
})

modes('are equal to the bit for any number of shards', () => {
  const tensors = [
    { name: 'a', rows: 700 },
    { name: 'b', rows: 40 },
    { name: 'c', rows: 1100 },
    { name: 'd', rows: 300 },
  ]
  const { deltas } = walk(70, 2140, 6)
  const weights = Float32Array.from({ length: 2140 }, (_, i) => i / 100)
  const run = (shards: number) => {
    const { stage, fit } = probe({
      modes: 6,
      samples: 200,
      select: { exclude: ['b'] },
    } as Parameters<typeof cmd>[0])
    const recording = { deltas: [deltas], anchors: [weights], tensors }
    const { summaries } = analyseRecording(recording, stage, { shards })
    return { summaries, fit: fit() }
  }
  const whole = run(1)
  const { layers, modes: found } = last(whole.summaries)
  assert.equal(layers!.rows, ['a', 'c', 'd'])
  found!.forEach(({ size }, m) => {
    assert.is(
      layers!.values.reduce((sum, sizes) => sum + sizes[m]!, 0),
      size
    )
  })
  assert.is(whole.fit.mode.length, 2100)
  for (const shards of [2, 3, 9]) assert.equal(run(shards), whole, `${shards} shards`)
})

modes('go on across a gap: what lies in it is not looked at', () => {
  const rows = 300
  const { deltas, positions } = walk(102, rows, 12)
  const weights = new Float32Array(rows)
  const at = (t: number): Float64Array => positions[t - 1]!
  const frames = [
    openFrame([{ name: 'w', shape: [rows], dtype: 'f32' }]),
    anchor(0, [bytes(weights)]),
    ...deltas.slice(0, 50).map((own, j) => delta(j + 1, [bytes(own)], { base: j })),
    // Steps 51 and 52 are lost, 53 to 57 lie between the gap and the anchor.
    ...deltas.slice(52, 57).map((own, j) => delta(j + 53, [bytes(own)], { base: j + 52 })),
    anchor(57, [bytes(Float32Array.from(at(57)))]),
    ...deltas.slice(57).map((own, j) => delta(j + 58, [bytes(own)], { base: j + 57 })),
    closeFrame(103),
  ]
  const stage = cmd({ modes: 4, samples: 100 })
  const { summaries, error } = analyseFrames(frames, stage, { block: 25 })
  assert.is(error, undefined)
  const track = last(summaries)
  assert.is(track.breaks, 2, 'the gap, and the anchor that finds a drift')
  assert.is(track.skipped, 5)
  assert.is(track.positions, 95)
  const known = [...positions.slice(0, 50), ...positions.slice(57)]
  const { explained } = measured(known, referencesOf(track))
  assert.ok(Math.abs(track.explained - explained) < 4e-3, `${track.explained}, ${explained}`)
})

modes('of f64 columns beside another member are those of f32 columns', () => {
  const { deltas } = walk(64, 300, 12)
  const options = { modes: 4, samples: 100 }
  const twin = deltas.map((own) => own.map((value) => 1.5 * value))
  const single = last(analyseRecording({ deltas: [deltas] }, cmd(options)).summaries)
  const double = last(
    analyseRecording({ deltas: [deltas, twin], dtype: 'f64' }, cmd(options)).summaries
  )
  assert.equal(double, single)
})

modes.run()
