import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type AnalyseOptions, settingsOf } from '../../src/analyse.ts'
import { Run } from '../../src/engine/run/run.ts'
import { StateLoader } from '../../src/engine/state/load.ts'
import { saveState } from '../../src/engine/state/save.ts'
import type { AnalysedBlock } from '../../src/engine/summary.ts'
import { health } from '../../src/stages/health/index.ts'
import type { Frame, OpenFrame } from '../../src/wire/frame.ts'
import { bytes, close, delta, metrics, openFrame } from './frames.ts'

const rules = suite('rules of a run')

const open = openFrame([
  { name: 'a', shape: [4] },
  { name: 'b', shape: [4] },
])

const given = (frame: Frame) => frame as Exclude<Frame, OpenFrame>

/** Steps of `a` of these sizes, those of `b` always 1. */
const steps = (sizes: readonly number[], from = 1) =>
  sizes.map((size, i) => given(delta(from + i, [bytes([size, 0, 0, 0]), bytes([1, 0, 0, 0])])))

type Rules = AnalyseOptions['alerts']

const settings = (alerts: Rules, stage = health()) =>
  settingsOf({ block: 1, emit: { every: 1 }, alerts }, stage)

/** Where each alert of a rule came: `step scope id`. */
function alertsOf(blocks: readonly AnalysedBlock[]): string[] {
  return blocks.flatMap(({ summaries }) =>
    summaries.flatMap(({ step, scope, alerts }) =>
      alerts.filter(({ id }) => id.startsWith('rule/')).map(({ id }) => `${step} ${scope} ${id}`)
    )
  )
}

function alerts(sizes: readonly number[], when: Rules, stage = health()): string[] {
  const blocks: AnalysedBlock[] = []
  const run = new Run(open, settings(when, stage), (block) => blocks.push(block))
  for (const frame of steps(sizes)) run.push(frame)
  run.push(given(close(sizes.length)))
  run.end()
  return alertsOf(blocks)
}

const large = (times: number) => [
  { id: 'large', when: 'health.updateNorm > 2', for: times, level: 'error' as const },
]

rules(
  'raise an alert when they begin to hold, and again only when they have not held meanwhile',
  () => {
    const sizes = [1, 5, 5, 1, 5, 5, 5, 1, 1, 5, 5]
    assert.equal(
      alerts(sizes, large(1)).map((alert) => Number.parseInt(alert, 10)),
      [2, 5, 10]
    )
    // One step that does not hold is not enough to withdraw it where two were needed to raise it.
    assert.equal(
      alerts(sizes, large(2)).map((alert) => Number.parseInt(alert, 10)),
      [3, 11]
    )
  }
)

rules('speak with their own level, of what they have seen', () => {
  const blocks: AnalysedBlock[] = []
  const run = new Run(open, settings(large(1)), (block) => blocks.push(block))
  for (const frame of steps([5])) run.push(frame)
  const [alert] = blocks.flatMap(({ summaries }) => summaries.flatMap(({ alerts }) => alerts))
  assert.equal(alert, {
    id: 'rule/large',
    level: 'error',
    message: 'health.updateNorm > 2 holds: health.updateNorm is 5.099',
  })
})

rules('are held against each scope of a stage that has many', () => {
  const per = health({ per: 'tensor' })
  assert.equal(alerts([1, 5, 5], large(2), per), ['3 tensor:a rule/large'])
})

rules("read the trainer's figures, the last of each, of member 0", () => {
  const when = [{ id: 'loss', when: 'metrics["val/loss"] > 3 and health.updateNorm > 2', for: 1 }]
  const blocks: AnalysedBlock[] = []
  const run = new Run(open, settings(when), (block) => blocks.push(block))
  const [first, second, third] = steps([5, 5, 5])
  run.push(first!)
  run.push(given(metrics(2, { 'val/loss': 4 })))
  run.push(second!)
  run.push(given(metrics(3, { other: 1 })))
  run.push(third!)
  assert.equal(alertsOf(blocks), ['2 model rule/loss'])
})

rules('go on from a saved state as if nothing had happened', () => {
  const sizes = [1, 5, 5, 5, 1, 5]
  for (let cut = 1; cut < sizes.length; cut++) {
    const blocks: AnalysedBlock[] = []
    const emit = (block: AnalysedBlock) => blocks.push(block)
    const run = new Run(open, settings(large(2)), emit)
    for (const frame of steps(sizes.slice(0, cut))) run.push(frame)
    const loader = new StateLoader(settings(large(2)), emit, 'next')
    for (const chunk of saveState(run, null)) loader.push(chunk.slice())
    const resumed = loader.finish()
    for (const frame of steps(sizes.slice(cut), cut + 1)) resumed.push(frame)
    assert.equal(alertsOf(blocks), ['3 model rule/large'], `cut after ${cut}`)
    // The first block after tells what stood before it, which no summary says again.
    const told = blocks.map(({ standing = [] }) =>
      standing.map(({ alert, scope, step }) => `${step} ${scope} ${alert.id}`)
    )
    const expected = cut >= 3 ? ['3 model rule/large'] : []
    assert.equal(
      told,
      sizes.map((_, i) => (i === cut ? expected : []))
    )
  }
})

rules('are refused with all that is wrong', () => {
  const wrong = (alerts: unknown): string => {
    try {
      settings(alerts as Rules)
      return ''
    } catch (error) {
      return (error as Error).message
    }
  }
  assert.match(
    wrong([{ id: 'x', when: 'health.updateNrm > 1' }]),
    /alerts\[0\]\.when: at character 1: .*"updateNorm"/
  )
  assert.match(wrong([{ when: 'health.updateNorm > 1' }]), /alerts\[0\]\.id: is missing/)
  assert.match(wrong([{ id: 'A b', when: 'health.updateNorm > 1' }]), /small letters/)
  assert.match(
    wrong([...large(1), ...large(2)]),
    /alerts\[1\]\.id: "large" is the id of an earlier/
  )
  assert.match(wrong([{ id: 'health/drift' }]), /sets nothing/)
  assert.match(wrong('x'), /alerts: "x" is not an object or a list/)
})

rules.run()
