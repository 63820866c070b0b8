import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ThalwegError } from '../../../src/error.ts'
import { tileRows } from '../../../src/stage/scope.ts'
import { cmd } from '../../../src/stages/cmd/index.ts'
import { type CmdOptions, type CmdValues, says } from '../../../src/stages/cmd/spec.ts'
import { anchor, bytes, close as closeFrame, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames, analyseRecording } from '../harness.ts'
import {
  follow,
  gaussian,
  jumping,
  leastSquares,
  meanWeight,
  measured,
  probe,
  walk,
} from './walks.ts'

const last = (summaries: readonly { values: unknown }[]): CmdValues =>
  summaries.at(-1)!.values as unknown as CmdValues
const referencesOf = ({ modes }: CmdValues): number[] =>
  modes!.map(({ reference }) => reference!.index)

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

modes(
  'say in a sentence what they explain beside the null, and when the columns are too few',
  () => {
    const { deltas } = jumping(96, 400, 4)
    const texts = (options: Partial<CmdOptions>): string[] => {
      const { values } = analyseRecording({ deltas: [deltas] }, cmd(options)).summaries.at(-1)!
      return says(values as unknown as CmdValues).map(({ level, text }) => `${level}: ${text}`)
    }
    const [said, ...more] = texts({ modes: 4 })
    assert.match(
      said!,
      /^info: 4 modes explain 9\d.* % of the movement; .* so these move in groups\.$/
    )
    const noise = analyseRecording({ deltas: [walk(96, 400, 5).deltas] }, cmd()).summaries.at(-1)!
    const [chance] = says(noise.values as unknown as CmdValues)
    assert.match(chance!.text, /at random reach \d\d.* %, so no groups can be told\.$/)
    assert.equal(more, [])
    const [, warning] = texts({ modes: 4, columns: 2, forget: 0.99 })
    assert.is(warning, undefined, 'two columns are four')
    const many = follow(
      96,
      400,
      ((normal) => {
        const clocks = Array.from({ length: 16 * 97 }, () => normal())
        return (i: number, t: number) => clocks[(i % 16) * 97 + t]!
      })(gaussian(3))
    )
    const { values } = analyseRecording({ deltas: [many.deltas] }, cmd()).summaries.at(-1)!
    const { explained, leftOut } = values as unknown as CmdValues
    assert.ok(leftOut > 0.3 && explained <= 1 - leftOut, `${leftOut}, ${explained}`)
    const [, raise] = says(values as unknown as CmdValues)
    assert.is(raise!.level, 'warn')
    assert.match(raise!.text, 'raise "columns"')
  }
)

modes('take 17 bytes a weight and 4 for every column', () => {
  const { plan } = cmd.definition
  const shape = {
    open: openFrame([]),
    scope: { name: 'model', tensors: [], indices: [], elements: 5000, rows: 5000, tiles: 20 },
    member: 0,
    block: 16,
    elementBytes: 4 as const,
    facts: {},
    read: [],
    isNull: false,
    sources: {},
  }
  const options: CmdOptions = {
    modes: 10,
    look: {},
    warmup: 20,
    choose: 1,
    samples: 1000,
    columns: 8,
    forget: 1,
    seed: 0,
  }
  const { perTile, header } = plan(shape, options)
  assert.is(perTile, 16 + tileRows * (17 + 4 * 8))
  assert.is(header, 8 * (12 + 16 + 10 * (4 + 8)))
  assert.is(plan(shape, { ...options, columns: 5 }).perTile, perTile, 'columns come in fours')
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
