import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { openTile } from '../../../src/stages/cmd/state.ts'
import { anchor, bytes, close as closeFrame, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames, analyseRecording } from '../harness.ts'
import {
  correlations,
  follow,
  gaussian,
  jumping,
  leastSquares,
  probe,
  tracked,
  walk,
} from './walks.ts'

interface Track {
  phase: string
  modes: {
    size: number
    meanAbsCorrelation: number
    reference: { tensor: string; index: number }
  }[]
  explained: number
  explainedNull: number
  meanAbsCorrelation: number
  meanAbsCorrelationNull: number
  constants: number
  unassigned: number
  reassigned: number
  window: [number, number]
  breaks: number
  skipped: number
  layers?: { rows: string[]; values: number[][] }
  why?: string
}
const last = (summaries: readonly { values: unknown }[]): Track =>
  summaries.at(-1)!.values as unknown as Track
const referencesOf = ({ modes }: Track): number[] => modes.map(({ reference }) => reference.index)

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
  const { stage, fit } = probe({ modes: 5, samples: 200, warmup: 64, choose: 64 })
  const { summaries } = analyseRecording({ deltas: [deltas] }, stage)
  const track = last(summaries)
  const clockOf = referencesOf(track).map((index) => index % 5)
  assert.equal([...clockOf].sort(), [0, 1, 2, 3, 4], 'a mode for each clock')
  fit().mode.forEach((mode, i) => {
    assert.is(clockOf[mode], i % 5, `weight ${i}`)
  })
  assert.equal(
    track.modes.map(({ size }) => size),
    [300, 300, 300, 300, 300]
  )
  assert.ok(track.explained > 0.99, `${track.explained}`)
})

modes('planted slopes are found to 1e-3 where noise allows it', () => {
  const { deltas, scale } = planted(500, 0.002)
  const { stage, fit } = probe({ modes: 5, samples: 200, warmup: 64, choose: 64 })
  const track = last(analyseRecording({ deltas: [deltas] }, stage).summaries)
  const references = referencesOf(track)
  const { mode, a } = fit()
  a.forEach((slope, i) => {
    const expected = scale[i]! / scale[references[mode[i]!]!]!
    assert.ok(Math.abs(slope / expected - 1) < 1e-3, `weight ${i}: ${slope}, planted ${expected}`)
  })
})

for (const block of [16, 5]) {
  modes(`assignment, a and b are those of a batch fit over the same window, block ${block}`, () => {
    const rows = 700
    const normal = gaussian(2)
    const weights = Float32Array.from({ length: rows }, () => 30 * normal())
    const { deltas, positions } = walk(160, rows, 8)
    const { stage, fit } = probe({ modes: 6, samples: 150, warmup: 21, choose: 33 })
    const { summaries } = analyseRecording({ deltas: [deltas], anchors: [weights] }, stage, {
      block,
    })
    const track = last(summaries)
    assert.equal(track.window, [22, 160])
    const references = referencesOf(track)
    const window = positions.slice(21)
    const { mode, a, b } = fit()
    const checks = Array.from({ length: 160 / block }, (_, k) => (k + 1) * block - 21)
    let residual = 0
    let energy = 0
    let total = 0
    let changed = 0
    for (let i = 0; i < rows; i++) {
      const own = tracked(
        window,
        i,
        references,
        33,
        checks.filter((columns) => columns > 33)
      )
      assert.is(mode[i]!, own.mode, `mode of weight ${i}`)
      changed += own.changes
      const reference = references[mode[i]!]!
      const batch = leastSquares(window, i, reference, weights)
      assert.ok(Math.abs(a[i]! - batch.a) <= 1e-6 * Math.max(1, Math.abs(batch.a)), `a of ${i}`)
      assert.ok(Math.abs(b[i]! - batch.b) <= 1e-5 * Math.max(1, Math.abs(batch.b)), `b of ${i}`)
      residual += batch.residual
      energy += batch.energy
      total += correlations(window, i, [reference])[0]!
    }
    assert.is(track.reassigned, changed)
    assert.ok(changed > 0)
    assert.ok(Math.abs(track.explained - (1 - residual / energy)) < 1e-6)
    assert.ok(Math.abs(track.meanAbsCorrelation - total / rows) < 1e-6)
  })
}

modes('far from where they began are measured as well: |mean| 5000 times the deviation', () => {
  const normal = gaussian(4)
  const shared = Float64Array.from({ length: 401 }, () => normal())
  const rows = 300
  const { deltas, positions } = follow(400, rows, (i, t) => {
    if (t < 10) return (i % 5) + t
    return 1 + (i % 5) + 2e-4 * ((1 + (i % 3)) * shared[t]! + 0.3 * normal())
  })
  const weights = Float32Array.from({ length: rows }, (_, i) => 1 + i / 7)
  const { stage, fit } = probe({ modes: 2, samples: 100, warmup: 20, choose: 20 })
  const track = last(analyseRecording({ deltas: [deltas], anchors: [weights] }, stage).summaries)
  const references = referencesOf(track)
  const { mode, a, b } = fit()
  for (let i = 0; i < rows; i++) {
    const batch = leastSquares(positions.slice(20), i, references[mode[i]!]!, weights)
    assert.ok(Math.abs(a[i]! / batch.a - 1) < 1e-5, `a of ${i}: ${a[i]}, in batch ${batch.a}`)
    assert.ok(Math.abs(b[i]! - batch.b) < 1e-5 * Math.max(1, Math.abs(batch.b)), `b of ${i}`)
  }
})

modes('are the same however the steps are cut into blocks', () => {
  const { deltas } = jumping(192, 600, 3)
  const run = (block: number) => {
    const { stage, fit } = probe({ modes: 4, samples: 120, warmup: 17, choose: 30 })
    const { summaries } = analyseRecording({ deltas: [deltas] }, stage, { block })
    return { track: last(summaries), ...fit() }
  }
  const batch = run(192)
  for (const block of [1, 2, 12, 24, 64]) {
    const split = run(block)
    assert.is(split.track.reassigned, 0)
    assert.equal(split.mode, batch.mode, `modes at block ${block}`)
    split.a.forEach((slope, i) => {
      const error = Math.abs(slope - batch.a[i]!)
      assert.ok(error <= 1e-6 * Math.max(1, Math.abs(batch.a[i]!)), `a of ${i} at block ${block}`)
    })
    assert.ok(Math.abs(split.track.explained - batch.track.explained) < 1e-6)
  }
})

modes('of a partial block are those of a full one, whatever phases it crosses', () => {
  for (const [steps, block] of [
    [60, 48],
    [44, 64],
    [30, 20],
  ] as const) {
    const { deltas } = jumping(steps, 400, 9)
    const options = { modes: 4, samples: 100, warmup: 15, choose: 14 }
    const peek = last(
      analyseRecording({ deltas: [deltas] }, probe(options).stage, { block }).summaries
    )
    const full = last(analyseRecording({ deltas: [deltas] }, cmd(options), { block: 1 }).summaries)
    assert.equal(
      peek.modes.map(({ size, reference }) => [size, reference]),
      full.modes.map(({ size, reference }) => [size, reference])
    )
    assert.equal(peek.window, full.window)
    assert.ok(Math.abs(peek.explained - full.explained) < 1e-6)
    assert.ok(Math.abs(peek.meanAbsCorrelation - full.meanAbsCorrelation) < 1e-6)
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
  found.forEach(({ size }, m) => {
    assert.is(
      layers!.values.reduce((sum, sizes) => sum + sizes[m]!, 0),
      size
    )
  })
  assert.is(whole.fit.mode.length, 2100)
  for (const shards of [2, 3, 9]) assert.equal(run(shards), whole, `${shards} shards`)
})

modes('leave constant weights in a class of their own, and count those that move later', () => {
  const { deltas } = walk(96, 400, 7)
  deltas.forEach((own, t) => {
    for (let i = 0; i < 400; i++) if (i % 4 === 0 && (i > 40 || t < 80)) own[i] = 0
  })
  const { stage, fit } = probe({ modes: 5, samples: 150 })
  const { summaries } = analyseRecording({ deltas: [deltas] }, stage)
  const early = summaries.find(({ step }) => step === 80)!.values as unknown as Track
  const late = last(summaries)
  assert.is(early.constants, 100)
  assert.is(early.unassigned, 0)
  assert.is(late.constants, 100 - 11)
  assert.is(late.unassigned, 11)
  assert.is(
    late.modes.reduce((sum, { size }) => sum + size, 0),
    300
  )
  for (const index of referencesOf(late)) assert.ok(index % 4 !== 0)
  const { mode, a } = fit()
  mode.forEach((own, i) => {
    assert.is(own === 255, i % 4 === 0)
    if (own === 255) assert.is(a[i], 0)
  })
})

modes('wait for the first weight to move', () => {
  const { deltas } = walk(100, 300, 7)
  for (const own of deltas.slice(0, 50)) own.fill(0)
  const track = last(analyseRecording({ deltas: [deltas] }, cmd()).summaries)
  assert.equal(track.window, [61, 100], 'the third warm-up of 20 steps is the first with movement')

  const still = deltas.map(() => new Float32Array(300))
  const never = last(analyseRecording({ deltas: [still] }, cmd()).summaries)
  assert.is(never.phase, 'warmup')
  assert.is(never.modes, null)
  assert.match(never.why!, 'warmup has 0 of 20')
})

modes('of one weight is the weight itself', () => {
  const { deltas } = walk(64, 1, 2)
  const { stage, fit } = probe({})
  const track = last(analyseRecording({ deltas: [deltas], anchors: [[0.5]] }, stage).summaries)
  assert.is(track.modes.length, 1)
  assert.is(track.modes[0]!.size, 1)
  assert.ok(Math.abs(track.explained - 1) < 1e-7)
  const { a, b } = fit()
  assert.ok(Math.abs(a[0]! - 1) < 1e-7)
  assert.ok(Math.abs(b[0]!) < 1e-6)
})

modes('of fewer weights than samples and modes: each weight its own', () => {
  const { deltas } = walk(64, 6, 2)
  const track = last(analyseRecording({ deltas: [deltas] }, cmd()).summaries)
  assert.equal(
    track.modes.map(({ size }) => size),
    [1, 1, 1, 1, 1, 1]
  )
  assert.ok(Math.abs(track.explained - 1) < 1e-7)
})

modes('go on across a gap: what lies in it is no sample', () => {
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
  const { stage, fit } = probe({ modes: 4, samples: 100 })
  const { summaries, error } = analyseFrames(frames, stage, { block: 25 })
  assert.is(error, undefined)
  const track = last(summaries)
  assert.is(track.breaks, 2, 'the gap, and the anchor that finds a drift')
  assert.is(track.skipped, 5)
  const known = [...positions.slice(20, 50), ...positions.slice(57)]
  const references = referencesOf(track)
  const { mode, a } = fit()
  for (let i = 0; i < rows; i++) {
    const batch = leastSquares(known, i, references[mode[i]!]!, weights)
    assert.ok(Math.abs(a[i]! - batch.a) <= 1e-5 * Math.max(1, Math.abs(batch.a)), `a of ${i}`)
  }
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

modes('in a random walk are no better than their null', () => {
  // The walk is walked twice from the same start, with a gap between, so that modes are chosen and
  // measured over the very steps that were clustered, as in Turjeman et al.
  const rows = 2000
  const { deltas } = walk(100, rows, 21)
  const start = bytes(new Float32Array(rows))
  const frames = [
    openFrame([{ name: 'w', shape: [rows], dtype: 'f32' }]),
    anchor(0, [start]),
    ...deltas.map((own, j) => delta(j + 1, [bytes(own)], { base: j })),
    delta(102, [bytes(new Float32Array(rows))], { base: 101 }),
    anchor(102, [start]),
    ...deltas.map((own, j) => delta(j + 103, [bytes(own)], { base: j + 102 })),
    closeFrame(203),
  ]
  const stage = cmd({ modes: 10, samples: 1000, warmup: 100, choose: 100 })
  const track = last(analyseFrames(frames, stage, { block: 20 }).summaries)
  assert.equal(track.window, [103, 202])
  assert.ok(Math.abs(track.explained - 0.73) < 0.015, `explained ${track.explained}`)
  assert.ok(Math.abs(track.meanAbsCorrelation - 0.766) < 0.015, `${track.meanAbsCorrelation}`)
  assert.ok(track.explainedNull > 0.3 && track.explainedNull < 1, `null ${track.explainedNull}`)
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
      found.reduce((sum, { size }) => sum + size, 0),
      900
    )
    assert.is(constants, 0)
  }
})

modes('are null, with the reason, until they are chosen', () => {
  const { deltas } = walk(40, 300, 7)
  const { summaries } = analyseRecording({ deltas: [deltas] }, cmd(), { block: 8 })
  const seen = summaries.map(({ step, values }) => {
    const { phase, modes: found, explained, why } = values as unknown as Track
    return [step, phase, found === null, Number.isNaN(explained), why]
  })
  const reason = 'modes are chosen after 20 + 20 recorded steps; '
  const again = 'begins again if no sampled weight moves'
  assert.equal(seen.slice(0, 4), [
    [8, 'warmup', true, true, `${reason}warmup has 8 of 20, and ${again}`],
    [16, 'warmup', true, true, `${reason}warmup has 16 of 20, and ${again}`],
    [24, 'choose', true, true, `${reason}choose has 4 of 20`],
    [32, 'choose', true, true, `${reason}choose has 12 of 20`],
  ])
  assert.equal(seen.at(-1)!.slice(0, 4), [40, 'track', false, false])
})

modes('whose correlations are above 1 are an error of ours, not a figure', () => {
  const { definition } = cmd
  const stage = cmd({ samples: 50 })
  const broken: typeof definition = {
    ...definition,
    start: (context) => {
      const instance = definition.start(context)
      return {
        *step(block, mode) {
          const outcome = yield* instance.step(block, mode)
          const { cross } = openTile(context.arena.buffer, context.rows, 10)
          for (let r = 0; r < 100; r++) cross[r]! *= 1e3
          return outcome
        },
      }
    },
  }
  const { deltas } = walk(80, 100, 7)
  const { error } = analyseRecording(
    { deltas: [deltas] },
    { ...stage, definition: broken as unknown as typeof stage.definition }
  )
  assert.is((error as ThalwegError).code, 'E_KERNEL')
})

modes('take 19 bytes a weight and 4 for every candidate', () => {
  const { perTile, header } = cmd.definition.plan(
    {
      open: openFrame([]),
      scope: { name: 'model', tensors: [], indices: [], elements: 5000, rows: 5000, tiles: 20 },
      member: 0,
      block: 16,
      elementBytes: 4,
      isNull: false,
      facts: {},
      sources: {},
    },
    { modes: 10, warmup: 20, samples: 1000, choose: 20, forget: 1, seed: 0 }
  )
  assert.is(perTile, 16 + tileRows * (19 + 40))
  assert.is(header, 8 * (10 + 40 + 20000))
})

modes('refuse a member without positions', () => {
  const { deltas } = walk(8, 10, 1)
  const { error } = analyseRecording(
    { deltas: [deltas, deltas] },
    cmd({ member: 1 } as Parameters<typeof cmd>[0])
  )
  assert.is((error as ThalwegError).code, 'E_CONFIG')
})

modes.run()
