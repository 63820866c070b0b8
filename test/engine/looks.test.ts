// Where stages on whole tensors look at the weights, and what they see there.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { Run } from '../../src/engine/run/run.ts'
import type { Summary } from '../../src/engine/summary.ts'
import type { ThalwegError } from '../../src/error.ts'
import { defineStage, fromOwner, readWeights, text } from '../../src/stage/index.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { anchor, bytes, delta, openFrame, random } from './frames.ts'

const looks = suite('looks at whole tensors')

/** At every look its step, the sum of the weights times their places, and how many there are. */
const watcher = defineStage({
  type: 'watcher',
  summary: 'Looks.',
  asks: 'What is there?',
  placement: 'tensor',
  options: {},
  figures: {
    seen: text({ title: 'Seen', means: 'Steps and moments.' }),
  },
  says: () => [],
  takes: ({ shape }) => shape.length > 1,
  needs: () => ({ weights: true }),
  plan: () => ({ header: 8 * 64, perTile: 0, scratch: 64 * 2048 }),
  start: ({ arena, scope, header, scratch }) => ({
    *step(block, { looks, report }) {
      const state = arena.f64(header, 64)
      for (const { column, step } of looks) {
        const [moment] = yield* fromOwner(scope, 1, () => {
          let sum = 0
          readWeights(arena, block, scope, column, scratch, (piece, first) => {
            piece.forEach((value, i) => {
              sum += (first + i + 1) * value
            })
          })
          return [sum]
        })
        const at = 1 + 2 * state[0]!++
        state.set([step, moment!], at)
      }
      const pairs = Array.from({ length: state[0]! }, (_, i) => [
        ...state.slice(1 + 2 * i, 3 + 2 * i),
      ])
      return report ? { values: { seen: JSON.stringify(pairs) } } : {}
    },
  }),
})

const open = openFrame([
  { name: 'w', shape: [30, 20] },
  { name: 'bias', shape: [7] },
  { name: 'v', shape: [3, 200] },
])
const next = random(3)
const draw = (): Float32Array[] =>
  open.tensors.map(({ elements }) => Float32Array.from({ length: elements }, next))
const start = draw()
const steps = Array.from({ length: 20 }, draw)

/** Weights of a tensor after so many steps. */
const weightsAfter = (tensor: number, count: number): Float64Array =>
  Float64Array.from(start[tensor]!, (w, i) =>
    steps.slice(0, count).reduce((sum, step) => sum + step[tensor]![i]!, w)
  )
const momentOf = (tensor: number, count: number): number =>
  weightsAfter(tensor, count).reduce((sum, w, i) => sum + (i + 1) * w, 0)

interface Stream {
  readonly anchored?: boolean
  /** Anchors after these steps. */
  readonly anchors?: readonly number[]
  readonly missing?: number
  readonly epoch?: (step: number) => number
}

function framesOf({ anchored = true, anchors = [], missing, epoch }: Stream): Frame[] {
  const payload = (data: readonly ArrayLike<number>[]) => data.map((own) => bytes(own))
  const frames: Frame[] = anchored ? [anchor(0, payload(start))] : []
  steps.forEach((data, j) => {
    const step = j + 1
    if (step === missing) return
    const base = step - 1
    frames.push(delta(step, payload(data), { base, ...(epoch && { epoch: epoch(step) }) }))
    if (anchors.includes(step)) {
      frames.push(anchor(step, payload(open.tensors.map((_, t) => weightsAfter(t, step)))))
    }
  })
  return frames
}

function run(stream: Stream, look: object, shards = 1): { summaries: Summary[]; error: unknown } {
  const summaries: Summary[] = []
  const settings = settingsOf({ block: 8, shards, emit: { every: 1 } }, watcher({ look }))
  const own = new Run(open, settings, (block) => summaries.push(...block.summaries))
  try {
    for (const frame of framesOf(stream)) own.push(frame as Exclude<Frame, OpenFrame>)
    own.end()
    return { summaries, error: undefined }
  } catch (error) {
    return { summaries, error }
  }
}

/** Steps and moments that were seen in the end, of the first matrix. */
function seen(stream: Stream, look: object): [number, number][] {
  const { summaries, error } = run(stream, look)
  assert.is(error, undefined)
  const last = summaries.filter(({ type, scope }) => type === 'watcher' && scope === 'tensor:w')
  return JSON.parse(last.at(-1)!.values.seen as string)
}
const stepsOf = (pairs: readonly [number, number][]): number[] => pairs.map(([step]) => step)

looks('come at the start and at every n-th step, and see the weights there', () => {
  const pairs = seen({}, { every: 5 })
  assert.equal(stepsOf(pairs), [0, 5, 10, 15, 20])
  for (const [step, moment] of pairs) {
    assert.ok(Math.abs(moment - momentOf(0, step)) < 1e-4, `step ${step}`)
  }
})

looks('count epochs by the first step that reaches each, and anchors', () => {
  assert.equal(
    stepsOf(seen({ epoch: (step) => step / 6 }, { every: 1, of: 'epochs' })),
    [0, 6, 12, 18]
  )
  assert.equal(
    stepsOf(seen({ epoch: (step) => Math.floor((step - 1) / 5) }, { every: 2, of: 'epochs' })),
    [0, 11]
  )
  const anchors = [3, 8, 11, 16]
  assert.equal(stepsOf(seen({ anchors }, { every: 1, of: 'anchors' })), [0, ...anchors])
  assert.equal(stepsOf(seen({ anchors }, { every: 2, of: 'anchors' })), [0, 8, 16])
})

looks('see an anchor as it was sent, where no other falls into the block', () => {
  const anchors = [8, 17]
  for (const [step, moment] of seen({ anchors }, { every: 1, of: 'anchors' })) {
    const sent = Float32Array.from(weightsAfter(0, step))
    const expected = sent.reduce((sum, w, i) => sum + (i + 1) * w, 0)
    assert.ok(Math.abs(moment - expected) < 1e-8, `step ${step}: ${moment - expected}`)
  }
})

looks('are left out where positions are unsure', () => {
  assert.equal(stepsOf(seen({ missing: 7, anchors: [13] }, { every: 5 })), [0, 5, 15, 20])
})

looks('are the same for any number of memories', () => {
  const of = (shards: number) => {
    const { summaries } = run({ anchors: [9] }, { every: 3 }, shards)
    return summaries.filter(({ type }) => type === 'watcher')
  }
  for (const shards of [2, 3]) assert.equal(of(shards), of(1))
})

looks('leave out tensors that the stage cannot look at', () => {
  const scopes = run({}, { every: 5 }).summaries.flatMap(({ type, scope }) =>
    type === 'watcher' ? [scope] : []
  )
  assert.equal([...new Set(scopes)], ['tensor:w', 'tensor:v'])
  const settings = settingsOf({ select: { include: ['bias'] } }, watcher())
  assert.throws(
    () => new Run(open, settings, () => {}),
    (error: ThalwegError) =>
      error.code === 'E_SELECT' && error.message.includes('none of the selected tensors')
  )
})

looks('of a stage that needs the weights need an anchor', () => {
  const { error } = run({ anchored: false }, { every: 5 })
  assert.is((error as ThalwegError).code, 'E_ANCHOR')
  assert.match((error as Error).message, 'stage watcher: no anchor has come by step 8')
})

looks('are an option of stages on whole tensors alone', () => {
  const other = defineStage({ ...watcher.definition, placement: 'rows' })
  assert.throws(() => settingsOf({}, other({ look: { every: 2 } })), 'unknown key "look"')
})

looks.run()
