// Deltas that add up several of the trainer's steps.
import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse } from '../../src/analyse.ts'
import type { Summary } from '../../src/engine/summary.ts'
import { type Block, defineStage, scalar } from '../../src/stage/index.ts'
import type { Frame } from '../../src/wire/frame.ts'
import { anchor, bytes, close, delta, openFrame, random } from './frames.ts'

const strides = suite('strides')

/** Notes the marks and strides of all columns. */
function watcher() {
  const seen: { step: number; breaks: boolean; sure: boolean; stride: number }[] = []
  const note = (block: Block) => {
    const { marks, facts } = block.of(0)
    block.steps.forEach((step, j) => {
      const { breaks, sure } = marks[j]!
      seen.push({ step, breaks, sure, stride: facts[j]!.stride })
    })
  }
  const watch = defineStage({
    type: 'watch',
    summary: 'Notes marks.',
    asks: 'Where do windows close?',
    options: {},
    figures: { count: scalar({ title: 'Count', means: 'Columns.' }) },
    says: () => [],
    plan: () => ({ header: 0, perTile: 0, scratch: 0 }),
    start: () => ({
      // biome-ignore lint/correctness/useYield: it adds nothing up
      *step(block, mode) {
        if (mode.commit) note(block)
        return mode.report ? { values: { count: seen.length } } : {}
      },
    }),
  })
  return { seen, stage: watch() }
}

/** A random walk of which the deltas add up so many steps each; the trainer's steps are of one size. */
function walk(strideOf: readonly number[]): Frame[] {
  const next = random(3)
  const values = (scale: number) => bytes(Float32Array.from({ length: 400 }, () => scale * next()))
  let step = 0
  const deltas = strideOf.map((stride) => {
    const base = step
    step += stride
    return delta(step, [values(1e-3 * stride)], { base, ...(stride > 1 && { stride }) })
  })
  return [
    openFrame([{ name: 'w', shape: [400] }]),
    anchor(0, [values(1)]),
    ...deltas,
    close(deltas.length + 1),
  ]
}

function analysed(frames: readonly Frame[], options: AnalyseOptions) {
  const { seen, stage } = watcher()
  const summaries: Summary[] = []
  from(frames)
    .pipe(analyse(options, stage))
    .subscribe((block) => summaries.push(...block.summaries))
  const alerts = summaries.flatMap((summary) =>
    summary.alerts.map(({ id, message }) => ({ id, message }))
  )
  const { stride } = summaries.findLast(({ stage: id }) => id === 'health')!.values
  return { seen, alerts, stride }
}

const breaksOf = (seen: readonly { step: number; breaks: boolean }[]) =>
  seen.filter(({ breaks }) => breaks).map(({ step }) => step)

const ones = (count: number, stride = 1) => Array.from({ length: count }, () => stride)

strides('are one where a delta has none, and close no window', () => {
  const { seen, alerts, stride } = analysed(walk(ones(32)), { block: 8 })
  assert.is(stride, 1)
  assert.equal(breaksOf(seen), [])
  assert.equal(alerts, [])
})

strides('close windows where they change, with positions that stay sure', () => {
  const { seen, alerts, stride } = analysed(walk([...ones(16), ...ones(16, 4)]), { block: 8 })
  assert.is(stride, 4)
  assert.equal(breaksOf(seen), [20])
  assert.ok(seen.every(({ sure }) => sure))
  assert.equal(
    seen.map((column) => column.stride),
    [...ones(16), ...ones(16, 4)]
  )
  assert.equal(alerts, [
    {
      id: 'health/stride',
      message:
        "member 0: step 20 adds up 4 of the trainer's steps, those before it 1; windows close",
    },
  ])
})

strides('count together with "every", and never fall within a window', () => {
  const { seen, stride } = analysed(walk([...ones(10), ...ones(22, 2)]), {
    block: 4,
    select: { every: 4 },
  })
  assert.is(stride, 8)
  assert.equal(
    seen.map((column) => column.stride),
    [4, 4, 6, 8, 8, 8, 8, 8]
  )
  assert.equal(breaksOf(seen), [14, 22])
})

strides('that grow are no spike of the updates', () => {
  const { alerts } = analysed(walk([...ones(64), ...ones(64, 16)]), { block: 16 })
  assert.equal(
    alerts.map(({ id }) => id),
    ['health/stride']
  )
})

strides.run()
