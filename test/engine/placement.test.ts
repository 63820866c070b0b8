// A stage that looks at whole tensors: each has one owner, whatever the number of memories.
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { settingsOf } from '../../src/analyse.ts'
import { planRun } from '../../src/engine/planning/fit.ts'
import { Run } from '../../src/engine/run/run.ts'
import type { Summary } from '../../src/engine/summary.ts'
import { defineStage, fromOwner, scalar, tileRows } from '../../src/stage/index.ts'
import { svd } from '../../src/stages/svd/index.ts'
import { checkStage } from '../../src/testing/index.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { bytes, delta, openFrame, random } from './frames.ts'

const placement = suite('placement by tensor')

/** The sum over a matrix of row number times column number times position, which needs the matrix in its shape. */
const moment = defineStage({
  type: 'moment',
  summary: 'A moment of each matrix.',
  asks: 'Where in the matrix do the weights move?',
  placement: 'tensor',
  options: {},
  figures: {
    moment: scalar({ title: 'Moment', means: 'Sum of row times column times position.' }),
  },
  says: () => [],
  plan: () => ({ header: 8, perTile: 0, scratch: 0 }),
  start: ({ arena, scope, shape }) => ({
    *step(block, { report }) {
      const { shape: dims } = shape.open.tensors[scope.tensors[0]!.index]!
      const [, columns = 1] = dims
      const [moment] = yield* fromOwner(scope, 1, () => {
        const { tile } = scope.segments[0]!
        const at = 4 * tileRows * tile
        const high = arena.f32(block.positions.high + at, scope.rows)
        const low = arena.f32(block.positions.low + at, scope.rows)
        let sum = 0
        high.forEach((value, i) => {
          sum += Math.floor(i / columns) * (i % columns) * (value + low[i]!)
        })
        return [sum]
      })
      return report ? { values: { moment: moment! } } : {}
    },
  }),
})

const tensors = [
  { name: 'a', shape: [30, 20] },
  { name: 'b', shape: [7] },
  { name: 'c', shape: [64, 64] },
]
const open = openFrame(tensors)
const next = random(5)
const deltas = Array.from({ length: 10 }, () =>
  open.tensors.map(({ elements }) => Float32Array.from({ length: elements }, next))
)
const frames = deltas.map((data, i) =>
  delta(
    i + 1,
    data.map((own) => bytes(own))
  )
)

function summariesOf(shards: number): Summary[] {
  const summaries: Summary[] = []
  const settings = settingsOf({ block: 5, shards, emit: { every: 1 } }, svd({ rank: 2 }), moment())
  const run = new Run(open, settings, (block) => summaries.push(...block.summaries))
  for (const frame of frames) run.push(frame as Exclude<Frame, OpenFrame>)
  run.end()
  return summaries.filter(({ type }) => type !== 'run')
}

placement('makes each tensor a scope, and gives it to the stage in its shape', () => {
  const own = summariesOf(1).filter(({ type, step }) => type === 'moment' && step === 10)
  assert.equal(
    own.map(({ scope }) => scope),
    ['tensor:a', 'tensor:b', 'tensor:c']
  )
  // The second block begins with the positions after five steps.
  const expected = open.tensors.map(({ shape: [, columns = 1] }, t) =>
    deltas
      .slice(0, 5)
      .reduce(
        (sum, step) =>
          step[t]!.reduce((s, v, i) => s + Math.floor(i / columns) * (i % columns) * v, sum),
        0
      )
  )
  own.forEach(({ values }, t) => {
    assert.ok(Math.abs((values.moment as number) - expected[t]!) < 1e-9 * 64 ** 4)
  })
})

placement('cuts rows at ends of tensors, and gives the same bits', () => {
  const one = summariesOf(1)
  for (const shards of [2, 3, 8]) {
    const { edges, layout } = planRun(open, settingsOf({ shards }, moment()))
    const ends = [0, ...layout.tensors.map(({ tile, tiles }) => tile + tiles)]
    assert.ok(edges.every((edge) => ends.includes(edge)))
    assert.equal(summariesOf(shards), one)
  }
})

placement('is by tensor alone', () => {
  assert.throws(
    () => settingsOf({}, moment({ per: 'model' })),
    'stages[0].per: "model" is not for a stage of type "moment", which looks at whole tensors.'
  )
  assert.is(settingsOf({}, moment()).stages[1]!.per, 'tensor')
})

placement('passes the conformance of stages', async () => {
  await checkStage(moment)
})

placement.run()
