import { from } from 'rxjs'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, analyse, settingsOf } from '../../src/analyse.ts'
import { Run } from '../../src/engine/run/run.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { saveState } from '../../src/engine/state/save.ts'
import { type Summary, summaryLine } from '../../src/engine/summary.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { bytes, delta, metrics, openFrame } from './frames.ts'

const trainer = suite("the trainer's figures")

const opening = openFrame([{ name: 'w', shape: [2] }], { members: 2 })
const step = (n: number, figures?: Record<string, number>) =>
  delta(n, [bytes([1, 2])], { base: n - 1, metrics: figures })

function analysed(frames: Frame[], options: AnalyseOptions = {}): Summary[] {
  const summaries: Summary[] = []
  from([opening, ...frames])
    .pipe(analyse({ block: 2, ...options }))
    .subscribe(({ summaries: own }) => summaries.push(...own))
  return summaries
}

const ofTrainer = (summaries: readonly Summary[]) =>
  summaries.filter(({ stage }) => stage === 'metrics').map(({ step, values }) => ({ step, values }))

trainer('are in a summary as they came since the one before, of each name the last', () => {
  const frames = [
    step(1, { loss: 3, lr: 0.1 }),
    step(2, { loss: 2 }),
    metrics(3, { accuracy: 0.5 }),
    step(3),
    step(4, { loss: 1 }),
    step(5),
    step(6),
    step(7, { loss: 0.5 }),
  ]
  assert.equal(ofTrainer(analysed(frames)), [
    { step: 2, values: { loss: 2, lr: 0.1 } },
    { step: 4, values: { accuracy: 0.5, loss: 1 } },
    { step: 7, values: { loss: 0.5 } },
  ])
  const rarely = analysed(frames, { emit: { every: 3 } })
  assert.equal(ofTrainer(rarely), [
    { step: 4, values: { loss: 1, lr: 0.1, accuracy: 0.5 } },
    { step: 7, values: { loss: 0.5 } },
  ])
})

trainer('that are not finite are written at once, as the frame has them, with the reason', () => {
  const frames = [step(1, { lr: 1 }), step(2, { loss: Number.NaN, grad: Infinity, ok: 2 })]
  const [first, second] = ofTrainer(analysed(frames))
  const why = 'loss is NaN; grad is Infinity'
  assert.equal(first, { step: 2, values: { loss: Number.NaN, grad: Infinity, ok: 2, why } })
  assert.equal(second!.values.why, why)
  assert.is(second!.values.lr, 1)
})

trainer('may have any names', () => {
  const names = [
    'why',
    'metrics.why',
    '__proto__',
    'constructor',
    'loss',
    '',
    '7',
    'a\u202eb\u001b',
  ]
  const figures = Object.fromEntries(
    names.map((name, i) => [name, name === 'loss' ? Number.NaN : i])
  )
  const [summary] = analysed([step(1, figures)]).filter(({ stage }) => stage === 'metrics')
  const line = summaryLine(summary!)
  assert.not(['\u001b', '\u202e'].some((character) => line.includes(character)))
  const { values } = JSON.parse(line) as Summary
  const value = (name: string) => Object.getOwnPropertyDescriptor(values, name)?.value
  assert.is(value('metrics.why'), 0)
  assert.is(value('metrics.metrics.why'), 1)
  assert.is(value('__proto__'), 2)
  assert.is(value('constructor'), 3)
  assert.is(value('loss'), null)
  assert.is(value(''), 5)
  assert.is(value('7'), 6)
  assert.is(value('a\u202eb\u001b'), 7)
  assert.is(value('why'), 'loss is NaN')
})

trainer('of too many names are left out, and that is said once', () => {
  const frames = Array.from({ length: 40 }, (_, i) =>
    step(i + 1, { loss: i, [`a${i}`]: i, [`b${i}`]: Number.NaN })
  )
  const summaries = analysed(frames, { limits: { metrics: 5 } })
  const names = new Set(ofTrainer(summaries).flatMap(({ values }) => Object.keys(values)))
  assert.equal(names, new Set(['loss', 'a0', 'b0', 'a1', 'b1', 'why']))
  const alerts = summaries.flatMap((summary) => summary.alerts)
  assert.is(alerts.filter(({ id }) => id === 'metrics/names').length, 1)
  assert.match(
    alerts.find(({ id }) => id === 'metrics/names')!.message,
    'step 3 brings more than 5'
  )
  assert.is(ofTrainer(summaries).at(-1)!.values.loss, 39)
  assert.equal(ofTrainer(analysed(frames, { limits: { metrics: 0 } })), [])
})

trainer('go on as they were after a save and a load', () => {
  const settings = settingsOf({ block: 2, limits: { metrics: 6 } })
  const odd = JSON.parse('{"__proto__": 1, "": 2, "why": 3}') as Record<string, number>
  const frames = [
    step(1, { loss: Number.NaN, ...odd }),
    metrics(1, { val: -0 }),
    step(2, { loss: 2 }),
    step(3, { new: 1, newer: 2 }),
    step(4, { newest: 3 }),
    step(5, { loss: 1 }),
  ] as Exclude<Frame, OpenFrame>[]
  const lines = (cut: number): string[] => {
    const out: string[] = []
    const emit = ({ summaries }: { summaries: readonly Summary[] }) =>
      void out.push(...summaries.map(summaryLine))
    let run = new Run(opening, settings, emit)
    for (const [i, frame] of frames.entries()) {
      if (i === cut) {
        const loader = new StateLoader(settings, emit)
        for (const chunk of saveState(run)) loader.push(chunk)
        run = loader.finish()
      }
      run.push(frame)
    }
    run.end()
    return out
  }
  const whole = lines(-1)
  assert.ok(whole.some((line) => line.includes('metrics/names')))
  for (let cut = 0; cut < frames.length; cut++) assert.equal(lines(cut), whole, `after ${cut}`)
})

trainer.run()
