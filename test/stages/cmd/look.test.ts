import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { cmd } from '../../../src/stages/cmd/index.ts'
import type { CmdValues } from '../../../src/stages/cmd/spec.ts'
import type { Frame } from '../../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame } from '../../engine/frames.ts'
import { analyseFrames, analyseRecording } from '../harness.ts'
import { walk } from './walks.ts'

const look = suite('positions that cmd looks at')

type Options = Parameters<typeof cmd>[0]

const rows = 300
const { deltas, positions } = walk(96, rows, 12)

/** The steps' frames with the epoch that each is told to be in. */
function told(
  epochOf: (step: number) => number | undefined,
  without: readonly number[] = []
): Frame[] {
  return [
    openFrame([{ name: 'w', shape: [rows], dtype: 'f32' }]),
    anchor(0, [bytes(new Float32Array(rows))]),
    ...deltas.flatMap((own, j): Frame[] => {
      const step = j + 1
      if (without.includes(step)) return []
      const epoch = epochOf(step)
      const frame = delta(step, [bytes(own)], {
        base: j,
        ...(epoch === undefined ? {} : { epoch }),
      })
      const position = bytes(Float32Array.from(positions[j]!))
      return without.length > 0 && step === Math.max(...without) + 3
        ? [frame, anchor(step, [position])]
        : [frame]
    }),
  ]
}

function last(frames: readonly Frame[], options: Options, block = 16): CmdValues {
  const { summaries, error } = analyseFrames(frames, cmd(options), { block })
  assert.is(error, undefined)
  return summaries.at(-1)!.values as unknown as CmdValues
}

/** The same of a stream that has a step for each of these positions alone. */
function of(steps: readonly number[], options: Options, block: number): CmdValues {
  const own = steps.map((step, k) => {
    const before = k === 0 ? undefined : positions[steps[k - 1]! - 1]!
    return Float32Array.from(positions[step - 1]!, (at, i) => at - (before?.[i] ?? 0))
  })
  const { summaries } = analyseRecording({ deltas: [own] }, cmd(options), { block })
  return summaries.at(-1)!.values as unknown as CmdValues
}

const sizesOf = ({ modes }: CmdValues) =>
  modes!.map(({ size, reference }) => [size, reference!.index])

const near = (a: number, b: number, tolerance: number): void =>
  assert.ok(Math.abs(a - b) < tolerance, `${a}, ${b}`)

look('come after every so many steps, as if the others had not been recorded', () => {
  const options = { modes: 4, warmup: 6 }
  const sparse = last(
    told(() => undefined),
    { ...options, look: { steps: 4 } }
  )
  const own = of(
    Array.from({ length: 24 }, (_, k) => 4 * (k + 1)),
    options,
    4
  )
  assert.equal(sparse.window, [4, 96])
  assert.is(sparse.positions, 24)
  assert.equal(sizesOf(sparse), sizesOf(own))
  near(sparse.explained, own.explained, 1e-6)
})

look('count on across blocks that they do not divide', () => {
  const sparse = last(
    told(() => undefined),
    { warmup: 6, look: { steps: 5 } },
    7
  )
  assert.equal(sparse.window, [5, 95])
  assert.is(sparse.positions, 19)
})

for (const { name, epochOf, steps } of [
  {
    name: 'numbers',
    epochOf: (step: number) => Math.floor((step - 1) / 8),
    steps: Array.from({ length: 12 }, (_, k) => 8 * k + 1),
  },
  {
    name: 'fractions',
    epochOf: (step: number) => step / 8,
    steps: [1, ...Array.from({ length: 12 }, (_, k) => 8 * (k + 1))],
  },
]) {
  look(`are the first of every epoch, told by ${name}`, () => {
    const options = { modes: 4, warmup: 6, look: { epochs: 1 } }
    const values = last(told(epochOf), options, 96)
    const own = of(steps, { modes: 4, warmup: 6 }, 96)
    assert.is(values.positions, steps.length)
    assert.equal(values.window, [1, steps.at(-1)!])
    assert.equal(sizesOf(values), sizesOf(own))
    near(values.explained, own.explained, 1e-6)
    const blocks = last(told(epochOf), options)
    near(blocks.explained, own.explained, 0.02)
  })
}

look('are those of every second epoch', () => {
  const values = last(
    told((step) => Math.floor((step - 1) / 8)),
    { warmup: 3, look: { epochs: 2 } }
  )
  assert.is(values.positions, 6)
  assert.equal(values.window, [1, 81])
})

look('wait in an epoch for one that is known, and count those that are not', () => {
  // Step 16 is lost, with it the positions up to the anchor at step 19: epoch 2 begins at step 17.
  const values = last(
    told((step) => Math.floor((step - 1) / 8), [16]),
    { warmup: 3, look: { epochs: 1 } }
  )
  assert.is(values.positions, 12)
  assert.is(values.skipped, 3)
})

look('are none where no frame tells its epoch, and this is said', () => {
  const values = last(
    told(() => undefined),
    { look: { epochs: 1 } }
  )
  assert.is(values.positions, 0)
  assert.is(values.window, null)
  assert.match(values.why!, 'one is looked at for each epoch that the frames tell')
})

look('come by steps or by epochs, not by both', () => {
  const both = cmd({ look: { steps: 2, epochs: 1 } })
  assert.throws(
    () => analyseRecording({ deltas: [deltas] }, both),
    /look: names both "steps" and "epochs"/
  )
})

look('are compared with other references only so often as is asked for', () => {
  const modesAt = (choose: number): unknown[] => {
    const { summaries } = analyseRecording({ deltas: [deltas] }, cmd({ modes: 4, choose }), {
      emit: { every: 1 },
    })
    return summaries.map(({ values }) => {
      const { modes } = values as unknown as CmdValues
      return modes?.map(({ reference }) => reference!.index)
    })
  }
  const rarely = modesAt(40)
  assert.is(rarely[0], undefined)
  assert.equal([rarely[2], rarely[3]], [rarely[1], rarely[1]])
  assert.not.equal(rarely[4], rarely[3])
  const often = modesAt(1)
  assert.ok(new Set(often.map((own) => JSON.stringify(own))).size > 3)
})

look.run()
