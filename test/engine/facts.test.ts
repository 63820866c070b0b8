// What the trainer says of a step comes with its column, whenever it is said.
import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import { countsTree, defineStage, type StepFacts } from '../../src/stage/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { bytes, close, delta, metrics, openFrame } from './frames.ts'

const facts = suite("the trainer's facts of a step")

function seen(
  frames: readonly Frame[],
  meta: { [key: string]: number } = {},
  options: AnalyseOptions = {}
): (StepFacts & { step: number })[] {
  const all: (StepFacts & { step: number })[] = []
  const reader = defineStage({
    type: 'reader',
    summary: 'Notes facts.',
    asks: 'What was said?',
    options: {},
    figures: {},
    says: () => [],
    plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
    start: ({ scope }) => ({
      *step(block) {
        const own = block.of(0).facts
        all.push(...block.steps.map((step, j) => ({ step, ...own[j]! })))
        yield { add: countsTree(scope, [0]) }
        return { values: {} }
      },
    }),
  })
  const open = openFrame([{ name: 'w', shape: [2] }], { meta })
  from([open, ...frames, close(frames.length)])
    .pipe(analyse({ block: 2, ...options }, reader()))
    .subscribe()
  return all
}

const moved = (step: number, told?: Record<string, number>): Frame =>
  delta(step, [bytes([1, 2])], { base: step - 1, ...(told ? { metrics: told } : {}) })

facts('come with a delta, before it, or after it while its block is open', () => {
  const told = seen([
    moved(1, { loss: 3 }),
    metrics(1, { accuracy: 0.5 }),
    metrics(2, { loss: 2 }),
    moved(2),
    moved(3),
    metrics(3, { loss: 1 }),
    moved(4),
  ])
  assert.equal(
    told.map(({ step, metrics: own }) => [step, own]),
    [
      [1, { loss: 3, accuracy: 0.5 }],
      [2, { loss: 2 }],
      [3, { loss: 1 }],
      [4, {}],
    ]
  )
})

facts('have the learning rate of meta until a schedule changes it', () => {
  const frames = [moved(1), moved(2, { learningRate: 0.05 }), moved(3), moved(4)]
  const rates = (meta: { [key: string]: number }) =>
    seen(frames, meta).map(({ learningRate }) => learningRate)
  assert.equal(rates({ learningRate: 0.1 }), [0.1, 0.05, 0.05, 0.05])
  assert.equal(rates({}), [Number.NaN, 0.05, 0.05, 0.05])
})

facts('are those of the last step where several make one column', () => {
  const frames = [1, 2, 3, 4].map((step) => moved(step, { loss: step }))
  const told = seen(frames, {}, { select: { every: 2 } })
  assert.equal(
    told.map(({ step, metrics: own }) => [step, own.loss]),
    [
      [2, 2],
      [4, 4],
    ]
  )
})

facts.run()
